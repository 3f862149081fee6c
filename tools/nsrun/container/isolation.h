// What of the caller's a command must not be able to use: its keys, its open files, its terminal.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Gives the process a session keyring of its own (keyctl(2), session-keyring(7)). Where the caller
/// may not make one (a seccomp filter, a kernel without keys) neither may COMMAND use the caller's.
void leave_session_keyring();

/// Closes every file descriptor from 3 on but for the two, and those that the file system is yet to
/// be built from (given.h): the caller may have left a directory open
/// that lies outside of the root (CVE-2024-21626). Close-on-exec would be too late: execve(2) looks
/// up COMMAND, its interpreter and its ELF loader before that, and each can be a symlink that goes
/// by such a directory.
void close_descriptors(const Options& options, int init_pipe, int mounts);

/// In a root of its own: where standard input, output or error is the null device it becomes the
/// container's own, on a read-only mount. A container whose root is the host's root could change
/// the mode of the host's by way of the open file.
void take_null_from_container();

/// For a root that may have no null device of its own: where standard input, output or error is the
/// null device, it becomes the same one on a read-only mount. In a new mount namespace, Linux 5.12;
/// without, it stays as it is.
void make_null_streams_read_only();

/// Where standard input, output or error is a terminal: forbids the ioctls that type into it
/// (TIOCSTI, TIOCLINUX) by a seccomp filter. COMMAND's session cannot be kept from that terminal,
/// which the caller's shell reads once COMMAND has ended. Wants CAP_SYS_ADMIN or no_new_privs.
void forbid_typing_into_terminal();

}  // namespace nsrun
