// x86_64: the system call instruction and what differs per machine around it.
//
// Calling convention (System V psABI for AMD64, appendix A.2.1; syscall(2)):
//   instruction  syscall
//   number       rax
//   arguments    rdi, rsi, rdx, r10, r8, r9
//   result       rax; -4095..-1 is -errno
//   clobbered    rcx (return address), r11 (flags); everything else is kept
#pragma once

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

inline long syscall(long number, long a, long b, long c, long d, long e) {
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

/// clone(2) without a new stack: the child goes on where the parent is, on its own copy of the
/// stack. Here the kernel takes flags, stack, parent_tid, child_tid, tls.
inline long clone(long number, unsigned long flags, int* parent_tid) {
  return syscall(number, static_cast<long>(flags), 0, reinterpret_cast<long>(parent_tid), 0, 0);
}

/// mmap(2): six arguments in registers.
inline long mmap(long number, unsigned long size, int protection, int flags) {
  return syscall(number, 0, static_cast<long>(size), protection, flags, -1, 0);
}

}  // namespace arch
