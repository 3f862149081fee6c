// nsrun as the first process of a system.
#pragma once

#include "stub/initial_stack.h"

namespace nsrun {

/// Runs as /init of an initramfs: mounts what a system needs, supervises the containers of
/// /etc/nsrun.conf, and then ends the system as that file says. SIGTERM stops the containers first.
/// So does SIGINT (Ctrl-Alt-Del), after which the system reboots.
[[noreturn]] void run_system(const stub::InitialStack& stack);

/// Whether this is the first process of a system, started as /init or /sbin/init.
bool is_system(const stub::InitialStack& stack);

}  // namespace nsrun
