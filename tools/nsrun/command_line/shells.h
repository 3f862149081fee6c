// Whether a command is a shell that a person is going to type at.
#pragma once

namespace nsrun {

/// "sh", "/bin/bash -l", "busybox ash": a shell without a script and without -c, which is
/// interactive where its input and output are a terminal (sh(1)).
bool is_interactive_shell(const char* const* command);

}  // namespace nsrun
