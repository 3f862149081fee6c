// --info-fd, --json-status-fd.
#pragma once

#include "syscalls/process.h"
#include "syscalls/result.h"

namespace nsrun {

/// Writes the pid of the container's first process, and its namespaces, to the fd as JSON in the
/// format of bwrap(1).
sys::Result<void> write_info(int fd, sys::Pid container);

/// Writes COMMAND's exit status to the fd, also as in bwrap(1).
sys::Result<void> write_exit_code(int fd, int status);

}  // namespace nsrun
