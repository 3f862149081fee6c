// Named points of the flow. In the library they compile to nothing. A test build stops there, so
// that tests can kill a process at that point.
#pragma once

#include "stub/job.h"
#include "syscalls/process.h"

namespace stub {

#ifdef NSEXEC_CHECKPOINTS
/// If `name` equals _NSEXEC_CHECKPOINT: reports that on the fd in _NSEXEC_CHECKPOINT_FD, and waits
/// there for one byte or the end of the file.
void checkpoint(const Job& job, const char* name);

/// sys::clone_and_exit, except that the parent can be stopped at `name` before it exits. There
/// CLONE_VM fails with EINVAL, because the parent needs a stack of its own.
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
