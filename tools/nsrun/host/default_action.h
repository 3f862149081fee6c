// COMMAND as the first process of a pid namespace: pid_namespaces(7). The kernel drops each signal
// whose action is the default one there, and so nsrun takes that action in its place.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/common/signals.h"

namespace nsrun {

/// While COMMAND has not been executed: whether it would be ended by the signal, with signals as
/// the caller has left them.
bool ends_new_command(const InheritedSignals& inherited, int signal);

/// Whether the kernel drops the signal, which would end any other process. `pid` is a child that
/// has not been reaped, and so the number is no other process's.
bool drops_signal(sys::Pid pid, int signal);

}  // namespace nsrun
