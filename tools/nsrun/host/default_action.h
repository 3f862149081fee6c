// For COMMAND as the first process of a pid namespace (pid_namespaces(7)). The kernel drops each
// signal whose action there is the default one, so nsrun takes that action itself.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/common/signals.h"

namespace nsrun {

/// Before COMMAND is executed: whether the signal would end it, with the caller's signal settings.
bool ends_new_command(const InheritedSignals& inherited, int signal);

/// Whether the kernel drops the signal although it would end any other process. `pid` must be a
/// child that has not been reaped, so that no other process has this pid.
bool drops_signal(sys::Pid pid, int signal);

}  // namespace nsrun
