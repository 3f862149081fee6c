// The system calls of the proofs: a kernel that answers what it likes.
#pragma once

#include <asm/unistd.h>

/// Returns any answer that the kernel may give, and writes any bytes where this call may write.
extern "C" long model_syscall(long number, long a, long b, long c, long d, long e, long f);

namespace arch {

inline long syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                    long f = 0) {
  return model_syscall(number, a, b, c, d, e, f);
}

inline long clone(long number, unsigned long flags, long tid) {
  return model_syscall(number, static_cast<long>(flags), 0, tid, tid, tid, 0);
}

inline long clone_and_exit(long number, unsigned long flags, long parent_tid) {
  return model_syscall(number, static_cast<long>(flags), 0, parent_tid, 0, 0, 0);
}

inline long mmap(unsigned long size, int protection, int flags) {
  return model_syscall(__NR_mmap, 0, static_cast<long>(size), protection, flags, -1, 0);
}

}  // namespace arch

#include "arch/64bit.h"

#define NSEXEC_SHARED inline
