// What of the caller's a command must not be able to use: its keys, its open files, its terminal.
#pragma once

#include "tools/nsrun/options.h"

namespace nsrun {

/// Gives the process a session keyring of its own (keyctl(2), session-keyring(7)). Where the caller
/// may not make one (a seccomp filter, a kernel without keys) neither may COMMAND use the caller's.
void leave_session_keyring();

/// Marks every file descriptor from 3 on close-on-exec: COMMAND would find open what the caller has
/// left open by mistake, a directory outside of the root for example (CVE-2024-21626).
void close_descriptors_at_exec();

/// Where standard input, output or error is a terminal: forbids the ioctls that type into it
/// (TIOCSTI, TIOCLINUX) by a seccomp filter. COMMAND's session cannot be kept from that terminal,
/// which the caller's shell reads once COMMAND has ended. Wants CAP_SYS_ADMIN or no_new_privs.
void forbid_typing_into_terminal();

}  // namespace nsrun
