// --info-fd, --json-status-fd.
#pragma once

#include "syscalls/process.h"
#include "syscalls/result.h"

namespace nsrun {

/// Writes the pid of the container's first process and its namespaces to the fd as JSON, as
/// bwrap(1) has it.
sys::Result<void> write_info(int fd, sys::Pid container);

/// The same of how COMMAND has ended.
sys::Result<void> write_exit_code(int fd, int status);

}  // namespace nsrun
