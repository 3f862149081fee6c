// Whether a command is an interactive shell.
#pragma once

namespace nsrun {

/// "sh", "/bin/bash -l", "busybox ash": a shell without a script and without -c. It is interactive
/// if its input and output are a terminal (sh(1)).
bool is_interactive_shell(const char* const* command);

}  // namespace nsrun
