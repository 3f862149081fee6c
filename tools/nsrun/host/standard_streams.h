// The standard streams that COMMAND gets from the caller.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Lets COMMAND, where it is another user than the caller, open by path what it has by descriptor:
/// /dev/stdout where standard output is a pipe of pipe(2). Such a pipe can be opened by its owner
/// alone, who is the caller. Its mode is changed, to writable where COMMAND can write to it and
/// readable where it can read, and not its owner: the caller can open it as before, and COMMAND can
/// change nothing of it. Only who may trace a process that has the pipe open finds it (proc(5)).
///
/// Sockets cannot be opened by path at all. Files, FIFOs, terminals and devices have names, and
/// stay as they are.
void open_pipes_to_command(const Options& options);

}  // namespace nsrun
