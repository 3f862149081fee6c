// The host's side of nsrun.
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Starts the container, by one clone or by stages, forwards signals to it, and ends as the command
/// ended.
[[noreturn]] void launch(const stub::InitialStack& stack, const Options& options);

}  // namespace nsrun
