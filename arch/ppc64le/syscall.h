// ppc64le: the system call instruction and what differs per machine around it.
//
// Calling convention (syscall(2); Documentation/powerpc/syscall64-abi.rst):
//   instruction  sc
//   number       r0
//   arguments    r3, r4, r5, r6, r7, r8
//   result       r3; an error is told by the summary overflow bit of cr0, and r3 is then errno
//   clobbered    r0, r4 to r12, cr0, ctr, xer
#pragma once

namespace arch {

inline long syscall(long number) {
  register long r0 asm("r0") = number;
  register long r3 asm("r3");
  asm volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
               : "+r"(r0), "=r"(r3)
               :
               : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "xer",
                 "memory");
  return r3;
}

inline long syscall(long number, long a) {
  register long r0 asm("r0") = number;
  register long r3 asm("r3") = a;
  asm volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
               : "+r"(r0), "+r"(r3)
               :
               : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "xer",
                 "memory");
  return r3;
}

inline long syscall(long number, long a, long b) {
  register long r0 asm("r0") = number;
  register long r3 asm("r3") = a;
  register long r4 asm("r4") = b;
  asm volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
               : "+r"(r0), "+r"(r3), "+r"(r4)
               :
               : "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return r3;
}

inline long syscall(long number, long a, long b, long c) {
  register long r0 asm("r0") = number;
  register long r3 asm("r3") = a;
  register long r4 asm("r4") = b;
  register long r5 asm("r5") = c;
  asm volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
               : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5)
               :
               : "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return r3;
}

inline long syscall(long number, long a, long b, long c, long d) {
  register long r0 asm("r0") = number;
  register long r3 asm("r3") = a;
  register long r4 asm("r4") = b;
  register long r5 asm("r5") = c;
  register long r6 asm("r6") = d;
  asm volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
               : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6)
               :
               : "r7", "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return r3;
}

inline long syscall(long number, long a, long b, long c, long d, long e) {
  register long r0 asm("r0") = number;
  register long r3 asm("r3") = a;
  register long r4 asm("r4") = b;
  register long r5 asm("r5") = c;
  register long r6 asm("r6") = d;
  register long r7 asm("r7") = e;
  asm volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
               : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
               :
               : "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return r3;
}

inline long syscall(long number, long a, long b, long c, long d, long e, long f) {
  register long r0 asm("r0") = number;
  register long r3 asm("r3") = a;
  register long r4 asm("r4") = b;
  register long r5 asm("r5") = c;
  register long r6 asm("r6") = d;
  register long r7 asm("r7") = e;
  register long r8 asm("r8") = f;
  asm volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
               : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
               :
               : "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return r3;
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
