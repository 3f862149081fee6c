// ppc64le: the system call instruction and what differs per machine around it.
//
// Calling convention (syscall(2); Documentation/powerpc/syscall64-abi.rst):
//   instruction  sc
//   number       r0
//   arguments    r3, r4, r5, r6, r7, r8
//   result       r3; if the summary overflow bit of cr0 is set, r3 is errno
//   clobbered    r0, r4 to r12, cr0, ctr, xer
#pragma once

#include <asm/unistd.h>

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

// Always inline: clone() is a call of five arguments, and a child that shares its memory must not
// return from a function (CLONE_VM without optimisation).
[[gnu::always_inline]] inline long syscall(long number, long a, long b, long c, long d, long e) {
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

/// clone(2) without a new stack: the child continues at the same place, on its own copy of the
/// stack. Here the kernel takes flags, stack, parent_tid, tls, child_tid. Both tids are one
/// address; the flags say which of them is used. The kernel ignores tls.
[[gnu::always_inline]] inline long clone(long number, unsigned long flags, long tid) {
  return syscall(number, static_cast<long>(flags), 0, tid, tid, tid);
}

/// The same, but then the parent exits with status 0 and touches no memory. So both can be on one
/// stack, also with CLONE_VM. Returns 0 in the child, or an error if there is no child.
inline long clone_and_exit(long number, unsigned long flags, long parent_tid) {
  register long r0 asm("r0") = number;
  register unsigned long r3 asm("r3") = flags;
  register long r4 asm("r4") = 0;
  register long r5 asm("r5") = parent_tid;
  register long r6 asm("r6") = 0;
  register long r7 asm("r7") = 0;
  asm volatile(
      "sc\n\t"
      "bns+ 1f\n\t"
      "neg 3, 3\n"
      "1:\n\t"
      "cmpdi 3, 0\n\t"
      "ble 2f\n\t"
      "li 3, 0\n\t"
      "li 0, %[exit_group]\n\t"
      "sc\n"
      "2:"
      : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
      : [exit_group] "i"(__NR_exit_group)
      : "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return static_cast<long>(r3);
}

/// mmap(2): six arguments in registers.
inline long mmap(unsigned long size, int protection, int flags) {
  return syscall(__NR_mmap, 0, static_cast<long>(size), protection, flags, -1, 0);
}

}  // namespace arch

#include "arch/64bit.h"
