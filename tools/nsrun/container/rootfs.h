// The container's file system.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Builds the container's file system, as the options say, in a new mount namespace. In order:
///  1. Takes --rootfs, or the overlay on /, as a mount. Without either the root stays as it is.
///  2. Mounts /proc, and for a root of its own /dev and /tmp. Hides parts of /proc.
///  3. Applies the options, one after the other.
///  4. Moves into the root by pivot_root(2). The old root is then mounted on top of it.
/// `mounts` is a socket that brings the mounts of --bind-idmap.
void build_file_system(const Options& options, int mounts = -1);

/// --mqueue: such a file system shows the ipc namespace of the process that mounts it. So it is
/// mounted in the inner namespaces (inner_namespaces.h), on the mount point that
/// build_file_system() has created.
void mount_message_queues(const Options& options);

/// With a root of its own: unmounts the old root, and goes to "/". In file_system.cpp the builder
/// process does not call this: unmounting waits for RCU, and so for the namespaces that the other
/// process creates at the same time.
void leave_old_root(const Options& options);

}  // namespace nsrun
