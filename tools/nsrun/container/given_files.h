// Files that the host passes to the container by a descriptor.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/mount_modifiers.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// --file: writes the data from the descriptor to a file in `root`. An existing file is
/// overwritten, and keeps its mode and owner.
void write_given_file(const Options& options, int root, const Option& option,
                      const MountModifiers& modifiers);

/// --bind-data: puts the data into a file in memory, and returns a detached mount of it. No path
/// leads to that file. For a moment its file system is mounted on `root`, on which nothing else is
/// mounted.
sys::Fd mount_given_data(const Options& options, int root, const Option& option,
                         const MountModifiers& modifiers);

/// --bind-fd: a detached copy of the mounts at the descriptor's file. The descriptor belongs to the
/// caller's mount namespace, and ours is a copy of that. So the file is opened by its path, and
/// must be the same one.
sys::Fd copy_of_given_tree(const Option& option, Extent extent);

/// --bind-idmap: the next mount that host/ has made.
sys::Fd receive_mount(int socket, const Option& option);

/// Closes the descriptors that the options name, once the file system is built. A standard stream
/// becomes /dev/null.
void close_given_files(const Options& options);

}  // namespace nsrun
