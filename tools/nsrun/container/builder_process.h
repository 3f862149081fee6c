// A separate process that builds the file system.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// What the builder shares with this process, beside the mount namespace.
enum class Shared : unsigned {
  kNothing = 0,
  kDirectories = CLONE_FS,  // root, working directory and umask
};

/// Forks the builder, so that this process can do something else in the meantime. Returns 0 in the
/// builder. ENOSYS, EPERM: there can be no second process.
///
/// pivot_root(2) in the builder changes this process's root in any case. Only a process that does
/// not create a user namespace meanwhile may share its directories: unshare(CLONE_NEWUSER) would
/// copy them at its start and take the copy at its end, and a root that the builder enters in
/// between would be lost. COMMAND would then run in the host's root.
sys::Result<sys::Pid> fork_builder(const Options& options, Shared shared);
/// Waits until the builder ends. If it has failed, it has reported why, and this process ends as
/// well.
void wait_for_builder(sys::Pid builder);

}  // namespace nsrun
