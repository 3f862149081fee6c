// The entry into host/.
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Starts the container, by one clone or by stages, forwards signals to it, and exits with the
/// status of the command.
[[noreturn]] void launch(const stub::InitialStack& stack, const Options& options);

}  // namespace nsrun
