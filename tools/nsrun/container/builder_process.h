// A process of its own that builds the file system.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Forks a process for that, with the caller's mount namespace, root and working directory, so that
/// the caller can do something else meanwhile: 0 in the new one. ENOSYS, EPERM: there can be none.
sys::Result<sys::Pid> fork_builder(const Options& options);
/// Waits for its end; where it has failed, and said why, this process ends as well.
void wait_for_builder(sys::Pid builder);

}  // namespace nsrun
