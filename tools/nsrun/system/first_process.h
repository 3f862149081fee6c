// nsrun as the first process of a system.
#pragma once

#include "stub/initial_stack.h"

namespace nsrun {

/// As /init of an initramfs: mounts what a system needs, supervises /etc/nsrun.conf, and ends the
/// system as that says. SIGTERM stops the containers first; so does SIGINT, which is Ctrl-Alt-Del,
/// and then boots again.
[[noreturn]] void run_system(const stub::InitialStack& stack);

/// Whether this is the first process of a system.
bool is_system(const stub::InitialStack& stack);

}  // namespace nsrun
