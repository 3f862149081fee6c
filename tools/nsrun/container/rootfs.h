// The container's file system.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Puts the container's file system together, as the options say, in a mount namespace that is new.
/// In order:
///  1. Takes --rootfs, or the overlay on /, as a mount; without either the root stays as it is.
///  2. Mounts /proc, and with a root of its own /dev and /tmp; hides parts of /proc.
///  3. Does what the options say, one after the other.
///  4. Moves into the root by pivot_root(2); the old one lies on top of it.
/// `mounts` is a socket from which the mounts of --bind-idmap come.
void build_file_system(const Options& options, int mounts = -1);

/// --mqueue: these file systems show the ipc namespace of the process that mounts them, and so they
/// are mounted in the inner namespaces (inner_namespaces.h), on what build_file_system() has made.
void mount_message_queues(const Options& options);

/// With a root of its own: the old root goes, and "/" is the working directory. Not the builder's,
/// which would wait for RCU, and so for the kernel to have made what the other process makes
/// meanwhile.
void leave_old_root(const Options& options);

}  // namespace nsrun
