// Takes away what a command must not use of the caller's: its keys, open files and terminal.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Gives the process a session keyring of its own (keyctl(2), session-keyring(7)). If the process
/// may not create one (a seccomp filter, a kernel without keys), COMMAND cannot use the caller's
/// either.
void leave_session_keyring();

/// Closes every file descriptor from 3 on, except the two given and those from which the file
/// system will be built (given.h). The caller may have left open a directory outside of the root
/// (CVE-2024-21626). Close-on-exec would be too late: before execve(2) closes files, it looks up
/// COMMAND and its interpreters, and each can be a symlink that leads through such a directory.
void close_descriptors(const Options& options, int init_pipe, int mounts);

/// For a container with a root of its own. If standard input, output or error is the null device,
/// replaces it by the container's null device, which is on a read-only mount. Otherwise a container
/// whose root is the host's root could change the mode of the host's device through the open file.
void take_null_from_container();

/// For a root that may have no null device. If standard input, output or error is the null device,
/// replaces it by the same device on a read-only mount. Does nothing without a new mount namespace
/// or before Linux 5.12.
void make_null_streams_read_only();

/// If standard input, output or error is a terminal: installs a seccomp filter against the ioctls
/// that type into it (TIOCSTI, TIOCLINUX). COMMAND has that terminal open, and the caller's shell
/// reads from it after COMMAND has ended. Needs CAP_SYS_ADMIN or no_new_privs.
void forbid_typing_into_terminal();

}  // namespace nsrun
