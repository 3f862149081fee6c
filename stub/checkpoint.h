// Named points of the flow. In the library they are nothing at all; a test build stops at them, so
// that tests can kill whom they like exactly there.
#pragma once

#include "stub/job.h"
#include "syscalls/process.h"

namespace stub {

#ifdef NSEXEC_CHECKPOINTS
/// Where `name` is what _NSEXEC_CHECKPOINT says: says so on the fd in _NSEXEC_CHECKPOINT_FD, and
/// waits there for one byte, or for the end.
void checkpoint(const Job& job, const char* name);

/// sys::clone_and_exit, whose parent may be stopped at `name` before it exits. There CLONE_VM is
/// EINVAL: the parent needs a stack of its own.
sys::Result<void> clone_and_exit(const Job& job, const char* name, unsigned long flags,
                                 sys::Pid* parent_tid);
#else
inline void checkpoint(const Job& /*job*/, const char* /*name*/) {}
[[gnu::noinline]] inline sys::Result<void> clone_and_exit(const Job& /*job*/, const char* /*name*/,
                                                          unsigned long flags,
                                                          sys::Pid* parent_tid) {
  return sys::clone_and_exit(flags, parent_tid);
}
#endif

}  // namespace stub
