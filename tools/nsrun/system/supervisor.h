// Many containers at once, as a file lists them; and nsrun as the first process of a system.
#pragma once

#include "stub/initial_stack.h"

namespace nsrun {

/// --supervise: runs the containers of the file until all have ended for good, or until SIGTERM or
/// SIGINT, which stop them. Exit status: 0, or 1 if one ended with another one.
[[noreturn]] void supervise(const stub::InitialStack& stack, const char* path);

/// As /init of an initramfs: mounts what a system needs, supervises /etc/nsrun.conf, and ends the
/// system as that says. SIGTERM stops the containers first; so does SIGINT, which is Ctrl-Alt-Del,
/// and then boots again.
[[noreturn]] void run_system(const stub::InitialStack& stack);

/// Whether this is the first process of a system.
bool is_system(const stub::InitialStack& stack);

}  // namespace nsrun
