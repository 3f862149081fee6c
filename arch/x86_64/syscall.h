// x86_64: the system call instruction and what differs per machine around it.
//
// Calling convention (System V psABI for AMD64, appendix A.2.1; syscall(2)):
//   instruction  syscall
//   number       rax
//   arguments    rdi, rsi, rdx, r10, r8, r9
//   result       rax; -4095..-1 is -errno
//   clobbered    rcx (return address), r11 (flags); all others are preserved
#pragma once

#include <asm/unistd.h>

namespace arch {

inline long syscall(long number) {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
  return result;
}

inline long syscall(long number, long a) {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a) : "rcx", "r11", "memory");
  return result;
}

inline long syscall(long number, long a, long b) {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b) : "rcx", "r11", "memory");
  return result;
}

inline long syscall(long number, long a, long b, long c) {
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c)
               : "rcx", "r11", "memory");
  return result;
}

inline long syscall(long number, long a, long b, long c, long d) {
  long result;
  register long r10 asm("r10") = d;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
               : "rcx", "r11", "memory");
  return result;
}

// Always inline: clone() is a call of five arguments, and a child that shares its memory must not
// return from a function (CLONE_VM without optimisation).
[[gnu::always_inline]] inline long syscall(long number, long a, long b, long c, long d, long e) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory");
  return result;
}

inline long syscall(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

/// clone(2) without a new stack: the child continues at the same place, on its own copy of the
/// stack. Here the kernel takes flags, stack, parent_tid, child_tid, tls. Both tids are one
/// address; the flags say which of them is used. The kernel ignores tls.
[[gnu::always_inline]] inline long clone(long number, unsigned long flags, long tid) {
  return syscall(number, static_cast<long>(flags), 0, tid, tid, tid);
}

/// The same, but then the parent exits with status 0 and touches no memory. So both can be on one
/// stack, also with CLONE_VM. Returns 0 in the child, or an error if there is no child.
inline long clone_and_exit(long number, unsigned long flags, long parent_tid) {
  long result;
  register long r10 asm("r10") = 0;
  register long r8 asm("r8") = 0;
  asm volatile(
      "syscall\n\t"
      "test %%eax, %%eax\n\t"
      "jle 1f\n\t"
      "xor %%edi, %%edi\n\t"
      "mov %[exit_group], %%eax\n\t"
      "syscall\n"
      "1:"
      : "=a"(result), "+D"(flags)
      : "a"(number), "S"(0L), "d"(parent_tid), "r"(r10), "r"(r8), [exit_group] "i"(__NR_exit_group)
      : "rcx", "r11", "memory");
  return result;
}

/// mmap(2): six arguments in registers.
inline long mmap(unsigned long size, int protection, int flags) {
  return syscall(__NR_mmap, 0, static_cast<long>(size), protection, flags, -1, 0);
}

}  // namespace arch

#include "arch/64bit.h"
