// armv7l: the system call instruction and what differs per machine around it.
//
// Calling convention (syscall(2); arch/arm/kernel/entry-common.S, EABI):
//   instruction  svc #0
//   number       r7
//   arguments    r0, r1, r2, r3, r4, r5
//   result       r0; -4095..-1 is -errno
//   clobbered    nothing else
// A value of 64 bits is two arguments, the lower half first, in an even register and the next one.
//
// r7 is the frame pointer of Thumb code that has one, so it cannot be an operand. ip keeps it.
#pragma once

#include <asm/unistd.h>
#include <stdint.h>

// GCC addresses what may be in several objects through a GOT, even if it is hidden.
#define NSEXEC_SHARED

#define NSEXEC_SVC        \
  "mov ip, r7\n\t"        \
  "mov r7, %[number]\n\t" \
  "svc #0\n\t"            \
  "mov r7, ip"

namespace arch {

inline long syscall(long number) {
  register long r0 asm("r0");
  asm volatile(NSEXEC_SVC : "=r"(r0) : [number] "ir"(number) : "ip", "memory");
  return r0;
}

inline long syscall(long number, long a) {
  register long r0 asm("r0") = a;
  asm volatile(NSEXEC_SVC : "+r"(r0) : [number] "ir"(number) : "ip", "memory");
  return r0;
}

inline long syscall(long number, long a, long b) {
  register long r0 asm("r0") = a;
  register long r1 asm("r1") = b;
  asm volatile(NSEXEC_SVC : "+r"(r0) : [number] "ir"(number), "r"(r1) : "ip", "memory");
  return r0;
}

inline long syscall(long number, long a, long b, long c) {
  register long r0 asm("r0") = a;
  register long r1 asm("r1") = b;
  register long r2 asm("r2") = c;
  asm volatile(NSEXEC_SVC : "+r"(r0) : [number] "ir"(number), "r"(r1), "r"(r2) : "ip", "memory");
  return r0;
}

inline long syscall(long number, long a, long b, long c, long d) {
  register long r0 asm("r0") = a;
  register long r1 asm("r1") = b;
  register long r2 asm("r2") = c;
  register long r3 asm("r3") = d;
  asm volatile(NSEXEC_SVC
               : "+r"(r0)
               : [number] "ir"(number), "r"(r1), "r"(r2), "r"(r3)
               : "ip", "memory");
  return r0;
}

// Always inline: clone() is a call of five arguments, and a child that shares its memory must not
// return from a function (CLONE_VM without optimisation).
[[gnu::always_inline]] inline long syscall(long number, long a, long b, long c, long d, long e) {
  register long r0 asm("r0") = a;
  register long r1 asm("r1") = b;
  register long r2 asm("r2") = c;
  register long r3 asm("r3") = d;
  register long r4 asm("r4") = e;
  asm volatile(NSEXEC_SVC
               : "+r"(r0)
               : [number] "ir"(number), "r"(r1), "r"(r2), "r"(r3), "r"(r4)
               : "ip", "memory");
  return r0;
}

inline long syscall(long number, long a, long b, long c, long d, long e, long f) {
  register long r0 asm("r0") = a;
  register long r1 asm("r1") = b;
  register long r2 asm("r2") = c;
  register long r3 asm("r3") = d;
  register long r4 asm("r4") = e;
  register long r5 asm("r5") = f;
  asm volatile(NSEXEC_SVC
               : "+r"(r0)
               : [number] "ir"(number), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
               : "ip", "memory");
  return r0;
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
  register long r0 asm("r0") = static_cast<long>(flags);
  register long r1 asm("r1") = 0;
  register long r2 asm("r2") = parent_tid;
  register long r3 asm("r3") = 0;
  register long r4 asm("r4") = 0;
  asm volatile(
      "mov ip, r7\n\t"
      "mov r7, %[number]\n\t"
      "svc #0\n\t"
      "cmp r0, #0\n\t"
      "ble 1f\n\t"
      "mov r0, #0\n\t"
      "mov r7, %[exit_group]\n\t"
      "svc #0\n"
      "1:\n\t"
      "mov r7, ip"
      : "+r"(r0)
      : [number] "ir"(number), "r"(r1), "r"(r2), "r"(r3), "r"(r4), [exit_group] "i"(__NR_exit_group)
      : "ip", "memory", "cc");
  return r0;
}

/// mmap2(2): the offset, which is 0 here, is in pages.
inline long mmap(unsigned long size, int protection, int flags) {
  return syscall(__NR_mmap2, 0, static_cast<long>(size), protection, flags, -1, 0);
}

inline long pread(long fd, long buffer, long size, int64_t offset) {
  return syscall(__NR_pread64, fd, buffer, size, 0, static_cast<long>(offset),
                 static_cast<long>(offset >> 32));
}

inline long ftruncate(long fd, int64_t size) {
  return syscall(__NR_ftruncate64, fd, 0, static_cast<long>(size), static_cast<long>(size >> 32));
}

inline constexpr int kOpenLargeFile = 0x20000;

}  // namespace arch

#include "arch/32bit.h"
