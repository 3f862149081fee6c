// The last step: the command.
#pragma once

#include "tools/nsrun/container/environment.h"

namespace nsrun {

/// execvp(3): a name without a slash is looked for in PATH. Returns if it cannot be executed, and
/// why.
sys::Errno execute(const char* const* command, const CommandEnvironment& environment);

}  // namespace nsrun
