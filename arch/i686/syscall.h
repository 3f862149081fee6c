// i686: the system call instruction and what differs per machine around it.
//
// Calling convention (syscall(2); arch/x86/entry/entry_32.S, entry_64_compat.S):
//   instruction  int $0x80
//   number       eax
//   arguments    ebx, ecx, edx, esi, edi, ebp
//   result       eax; -4095..-1 is -errno
//   clobbered    nothing else
// A value of 64 bits is two arguments, the lower half first.
//
// Not the vDSO's __kernel_vsyscall (AT_SYSINFO): it pushes three registers, which two processes on
// one stack must not do (clone_and_exit), and its address would have to be kept somewhere. It saves
// some hundred nanoseconds a call.
#pragma once

#include <asm/unistd.h>
#include <stdint.h>

namespace arch {

inline long syscall(long number) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number) : "memory");
  return result;
}

inline long syscall(long number, long a) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a) : "memory");
  return result;
}

inline long syscall(long number, long a, long b) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
  return result;
}

inline long syscall(long number, long a, long b, long c) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

inline long syscall(long number, long a, long b, long c, long d) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
  return result;
}

// Always inline: clone() is a call of five arguments, and a child that shares its memory must not
// return from a function (CLONE_VM without optimisation).
[[gnu::always_inline]] inline long syscall(long number, long a, long b, long c, long d, long e) {
  long result;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
               : "memory");
  return result;
}

// ebp cannot be an operand, because it may be the frame pointer. Not inlined: six registers are too
// many for the code around it.
[[gnu::noinline]] inline long syscall(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  asm volatile(
      "push %[f]\n\t"
      "push %%ebp\n\t"
      "mov 4(%%esp), %%ebp\n\t"
      "int $0x80\n\t"
      "pop %%ebp\n\t"
      "add $4, %%esp"
      : "=a"(result)
      : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), [f] "m"(f)
      : "memory", "cc");
  return result;
}

/// clone(2) without a new stack: the child continues at the same place, on its own copy of the
/// stack. Here the kernel takes flags, stack, parent_tid, tls, child_tid. Both tids are one
/// address; the flags say which of them is used. The kernel ignores tls.
[[gnu::always_inline]] inline long clone(long number, unsigned long flags, long tid) {
  return syscall(number, static_cast<long>(flags), 0, tid, tid, tid);
}

/// The same, but then the parent exits with status 0 and touches no memory. So both can be on one
/// stack, also with CLONE_VM. Returns 0 in the child, or an error if there is no child.
inline long clone_and_exit(long number, unsigned long flags, long parent_tid) {
  long result;
  asm volatile(
      "int $0x80\n\t"
      "test %%eax, %%eax\n\t"
      "jle 1f\n\t"
      "xor %%ebx, %%ebx\n\t"
      "mov %[exit_group], %%eax\n\t"
      "int $0x80\n"
      "1:"
      : "=a"(result), "+b"(flags)
      : "a"(number), "c"(0L), "d"(parent_tid), "S"(0L), "D"(0L), [exit_group] "i"(__NR_exit_group)
      : "memory", "cc");
  return result;
}

/// mmap2(2): the offset, which is 0 here, is in pages.
inline long mmap(unsigned long size, int protection, int flags) {
  return syscall(__NR_mmap2, 0, static_cast<long>(size), protection, flags, -1, 0);
}

inline long pread(long fd, long buffer, long size, int64_t offset) {
  return syscall(__NR_pread64, fd, buffer, size, static_cast<long>(offset),
                 static_cast<long>(offset >> 32));
}

inline long ftruncate(long fd, int64_t size) {
  return syscall(__NR_ftruncate64, fd, static_cast<long>(size), static_cast<long>(size >> 32));
}

inline constexpr int kOpenLargeFile = 0x8000;

}  // namespace arch

#include "arch/32bit.h"
