// A separate process that builds the file system.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Forks the builder. It shares this process's mount namespace, root and working directory, so that
/// this process can do something else in the meantime. Returns 0 in the builder. ENOSYS, EPERM:
/// there can be no second process.
sys::Result<sys::Pid> fork_builder(const Options& options);
/// Waits until the builder ends. If it has failed, it has reported why, and this process ends as
/// well.
void wait_for_builder(sys::Pid builder);

}  // namespace nsrun
