// nsrun's two sides: the parent, which starts the container, and the real entry point, which is
// the container's first process.
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/options.h"

namespace nsrun {

/// The parent: starts this program again as an init process, speaks the wire protocol, forwards
/// signals, and ends as the command ended.
[[noreturn]] void run_parent(const stub::InitialStack& stack, const Options& options);

/// Stage 2, with the namespaces made and joined: sets the container up and becomes the command.
[[noreturn]] void run_container(const stub::InitialStack& stack, const Options& options);

/// Environment variables between the two.
inline constexpr char kStartVariable[] = "NSRUN_START_US";
inline constexpr char kOutsideVariable[] = "NSRUN_OUTSIDE";
inline constexpr char kSetupVariable[] = "NSRUN_SETUP_US";
inline constexpr char kSealedVariable[] = "NSRUN_SEALED";

}  // namespace nsrun
