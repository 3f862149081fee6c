// loongarch64: the system call instruction and what differs per machine around it.
//
// Calling convention (syscall(2); arch/loongarch/kernel/entry.S):
//   instruction  syscall 0
//   number       a7
//   arguments    a0, a1, a2, a3, a4, a5
//   result       a0; -4095..-1 is -errno
//   clobbered    t0 to t8
#pragma once

#include <asm/unistd.h>

#define NSEXEC_CALL "syscall 0"
#define NSEXEC_NUMBER "$a7"
#define NSEXEC_ARGUMENT_0 "$a0"
#define NSEXEC_ARGUMENT_1 "$a1"
#define NSEXEC_ARGUMENT_2 "$a2"
#define NSEXEC_ARGUMENT_3 "$a3"
#define NSEXEC_ARGUMENT_4 "$a4"
#define NSEXEC_ARGUMENT_5 "$a5"
#define NSEXEC_OPERAND "r"
#define NSEXEC_CLOBBERED "$t0", "$t1", "$t2", "$t3", "$t4", "$t5", "$t6", "$t7", "$t8", "memory"

#include "arch/register_syscall.h"

namespace arch {

/// clone(2) without a new stack: the child continues at the same place, on its own copy of the
/// stack. Here the kernel takes flags, stack, parent_tid, child_tid, tls. Both tids are one
/// address; the flags say which of them is used. The kernel ignores tls.
[[gnu::always_inline]] inline long clone(long number, unsigned long flags, long tid) {
  return syscall(number, static_cast<long>(flags), 0, tid, tid, tid);
}

/// The same, but then the parent exits with status 0 and touches no memory. So both can be on one
/// stack, also with CLONE_VM. Returns 0 in the child, or an error if there is no child.
inline long clone_and_exit(long number, unsigned long flags, long parent_tid) {
  register long a7 asm("$a7") = number;
  register unsigned long a0 asm("$a0") = flags;
  register long a1 asm("$a1") = 0;
  register long a2 asm("$a2") = parent_tid;
  register long a3 asm("$a3") = 0;
  register long a4 asm("$a4") = 0;
  asm volatile(
      "syscall 0\n\t"
      "bge $zero, $a0, 1f\n\t"
      "move $a0, $zero\n\t"
      "ori $a7, $zero, %[exit_group]\n\t"
      "syscall 0\n"
      "1:"
      : "+r"(a0), "+r"(a7)
      : "r"(a1), "r"(a2), "r"(a3), "r"(a4), [exit_group] "i"(__NR_exit_group)
      : "$t0", "$t1", "$t2", "$t3", "$t4", "$t5", "$t6", "$t7", "$t8", "memory");
  return static_cast<long>(a0);
}

/// mmap(2): six arguments in registers.
inline long mmap(unsigned long size, int protection, int flags) {
  return syscall(__NR_mmap, 0, static_cast<long>(size), protection, flags, -1, 0);
}

}  // namespace arch

#include "arch/64bit.h"
