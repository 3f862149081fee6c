// In the place of arch/<arch>/syscall.h when the whole flow is explored (proofs/flow): each system
// call is a call of flow_syscall(), which decides what the kernel answers.
#pragma once

#include <asm/unistd.h>

extern "C" long flow_syscall(long number, const long* arguments, int count);
extern "C" long flow_clone(unsigned long flags, long tid);
extern "C" long flow_clone_and_exit(unsigned long flags, long parent_tid);
extern "C" long flow_mmap(unsigned long size, int flags);

namespace arch {

template <class... Arguments>
inline long syscall(long number, Arguments... arguments) {
  const long words[] = {static_cast<long>(arguments)..., 0};
  return flow_syscall(number, words, sizeof...(arguments));
}

inline long clone(long /*number*/, unsigned long flags, long tid) { return flow_clone(flags, tid); }

inline long clone_and_exit(long /*number*/, unsigned long flags, long parent_tid) {
  return flow_clone_and_exit(flags, parent_tid);
}

inline long mmap(unsigned long size, int /*protection*/, int flags) {
  return flow_mmap(size, flags);
}

}  // namespace arch

#include "arch/64bit.h"
