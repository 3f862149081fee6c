// aarch64: the system call instruction and what differs per machine around it.
//
// Calling convention (syscall(2); arch/arm64/kernel/entry.S):
//   instruction  svc #0
//   number       x8
//   arguments    x0, x1, x2, x3, x4, x5
//   result       x0; -4095..-1 is -errno
//   clobbered    nothing else
#pragma once

#include <asm/unistd.h>

#define NSEXEC_CALL "svc #0"
#define NSEXEC_NUMBER "x8"
#define NSEXEC_ARGUMENT_0 "x0"
#define NSEXEC_ARGUMENT_1 "x1"
#define NSEXEC_ARGUMENT_2 "x2"
#define NSEXEC_ARGUMENT_3 "x3"
#define NSEXEC_ARGUMENT_4 "x4"
#define NSEXEC_ARGUMENT_5 "x5"
#define NSEXEC_OPERAND "r"
#define NSEXEC_CLOBBERED "memory"

#include "arch/register_syscall.h"

namespace arch {

/// clone(2) without a new stack: the child continues at the same place, on its own copy of the
/// stack. Here the kernel takes flags, stack, parent_tid, tls, child_tid. Both tids are one
/// address; the flags say which of them is used. The kernel ignores tls.
[[gnu::always_inline]] inline long clone(long number, unsigned long flags, long tid) {
  return syscall(number, static_cast<long>(flags), 0, tid, tid, tid);
}

/// The same, but then the parent exits with status 0 and touches no memory. So both can be on one
/// stack, also with CLONE_VM. Returns 0 in the child, or an error if there is no child.
inline long clone_and_exit(long number, unsigned long flags, long parent_tid) {
  register long x8 asm("x8") = number;
  register unsigned long x0 asm("x0") = flags;
  register long x1 asm("x1") = 0;
  register long x2 asm("x2") = parent_tid;
  register long x3 asm("x3") = 0;
  register long x4 asm("x4") = 0;
  asm volatile(
      "svc #0\n\t"
      "cmp x0, #0\n\t"
      "b.le 1f\n\t"
      "mov x0, #0\n\t"
      "mov x8, %[exit_group]\n\t"
      "svc #0\n"
      "1:"
      : "+r"(x0), "+r"(x8)
      : "r"(x1), "r"(x2), "r"(x3), "r"(x4), [exit_group] "i"(__NR_exit_group)
      : "memory", "cc");
  return static_cast<long>(x0);
}

/// mmap(2): six arguments in registers.
inline long mmap(unsigned long size, int protection, int flags) {
  return syscall(__NR_mmap, 0, static_cast<long>(size), protection, flags, -1, 0);
}

}  // namespace arch

#include "arch/64bit.h"
