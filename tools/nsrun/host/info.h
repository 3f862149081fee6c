// --info-fd.
#pragma once

#include "syscalls/process.h"
#include "syscalls/result.h"

namespace nsrun {

/// Writes the pid of the container's first process and its namespaces to the fd as JSON, as
/// bwrap(1) has it. Closes the fd, unless it is a standard stream.
sys::Result<void> write_info(int fd, sys::Pid container);

}  // namespace nsrun
