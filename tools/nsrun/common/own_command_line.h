// nsrun's own command line and environment, as /proc/PID/cmdline and environ show them: the options
// may hold secrets (--env).
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Overwrites them, and all that points into them. `name` is what /proc/PID/cmdline shows instead.
void erase_command_line(const char* const* argv, sys::Text name);

/// The same, and moves the texts to memory that no file below /proc shows: argv and the environment
/// behind it then point there. For a process that the container can see before it becomes COMMAND.
/// Where there is no memory for it they stay where they are.
void hide_command_line(const char* const* argv);

}  // namespace nsrun
