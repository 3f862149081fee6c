// nsrun's own command line and environment, which /proc/PID/cmdline and environ show. The options
// may hold secrets (--env).
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Overwrites both, and so every text in argv and the environment. /proc/PID/cmdline then shows
/// `name`.
void erase_command_line(const char* const* argv, sys::Text name);

/// Does the same, but first moves the texts to memory that no file below /proc shows, and makes
/// argv and the environment point there. For a process that the container can see before it
/// executes COMMAND. If there is no memory for the texts, they stay where they are.
void hide_command_line(const char* const* argv);

}  // namespace nsrun
