// s390x: the system call instruction and what differs per machine around it.
//
// Calling convention (syscall(2); arch/s390/kernel/syscall.c):
//   instruction  svc 0
//   number       r1
//   arguments    r2, r3, r4, r5, r6, r7
//   result       r2; -4095..-1 is -errno
//   clobbered    the condition code
#pragma once

#include <asm/unistd.h>

#define NSEXEC_CALL "svc 0"
#define NSEXEC_NUMBER "r1"
#define NSEXEC_ARGUMENT_0 "r2"
#define NSEXEC_ARGUMENT_1 "r3"
#define NSEXEC_ARGUMENT_2 "r4"
#define NSEXEC_ARGUMENT_3 "r5"
#define NSEXEC_ARGUMENT_4 "r6"
#define NSEXEC_ARGUMENT_5 "r7"
#define NSEXEC_OPERAND "d"
#define NSEXEC_CLOBBERED "memory", "cc"

#include "arch/register_syscall.h"

namespace arch {

/// clone(2) without a new stack: the child continues at the same place, on its own copy of the
/// stack. Here the kernel takes stack, flags, parent_tid, child_tid, tls. Both tids are one
/// address; the flags say which of them is used. The kernel ignores tls.
[[gnu::always_inline]] inline long clone(long number, unsigned long flags, long tid) {
  return syscall(number, 0, static_cast<long>(flags), tid, tid, tid);
}

/// The same, but then the parent exits with status 0 and touches no memory. So both can be on one
/// stack, also with CLONE_VM. Returns 0 in the child, or an error if there is no child.
inline long clone_and_exit(long number, unsigned long flags, long parent_tid) {
  register long r1 asm("r1") = number;
  register long r2 asm("r2") = 0;
  register unsigned long r3 asm("r3") = flags;
  register long r4 asm("r4") = parent_tid;
  register long r5 asm("r5") = 0;
  register long r6 asm("r6") = 0;
  asm volatile(
      "svc 0\n\t"
      "ltgr %%r2, %%r2\n\t"
      "jnh 1f\n\t"
      "lghi %%r2, 0\n\t"
      "lghi %%r1, %[exit_group]\n\t"
      "svc 0\n"
      "1:"
      : "+d"(r2), "+d"(r1)
      : "d"(r3), "d"(r4), "d"(r5), "d"(r6), [exit_group] "i"(__NR_exit_group)
      : "memory", "cc");
  return r2;
}

/// mmap(2): the kernel takes a pointer to the six arguments (sys_old_mmap).
inline long mmap(unsigned long size, int protection, int flags) {
  const unsigned long arguments[] = {0,
                                     size,
                                     static_cast<unsigned long>(protection),
                                     static_cast<unsigned long>(flags),
                                     static_cast<unsigned long>(-1L),
                                     0};
  return syscall(__NR_mmap, reinterpret_cast<long>(arguments));
}

}  // namespace arch

#include "arch/64bit.h"
