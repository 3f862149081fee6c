// The standard streams that COMMAND gets from the caller.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// If COMMAND is another user than the caller and a standard stream is a pipe of pipe(2), makes it
/// possible to open that pipe by path, such as /dev/stdout. Only its owner, the caller, could open
/// it otherwise.
///
/// Changes the pipe's mode and not its owner, so that the caller can still open it and COMMAND
/// cannot change its mode. Only a process that may trace another one with the pipe open can find it
/// (proc(5)).
///
/// Sockets cannot be opened by path at all. Files, FIFOs, terminals and devices have names, and
/// stay as they are.
void open_pipes_to_command(const Options& options);

}  // namespace nsrun
