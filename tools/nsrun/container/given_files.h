// What of the file system comes from the host by a descriptor.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/mount_modifiers.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// --file: the data that the descriptor stands for, in a file in `root`. One that is there already
/// is overwritten, and keeps its mode and owner.
void write_given_file(const Options& options, int root, const Option& option,
                      const MountModifiers& modifiers);

/// --bind-data: the same as a detached mount of a file in memory, to which no path leads. For a
/// moment its file system is mounted on `root`, on which nothing else is.
sys::Fd mount_given_data(const Options& options, int root, const Option& option,
                         const MountModifiers& modifiers);

/// --bind-fd: a detached copy of the mounts at what the descriptor is. The descriptor belongs to
/// the caller's mount namespace, of which ours is a copy: what is at the same path has to be the
/// same file.
sys::Fd copy_of_given_tree(const Option& option, Extent extent);

/// --bind-idmap: the next mount that the host's side has made.
sys::Fd receive_mount(int socket, const Option& option);

/// When the file system is there: closes what the options name. A standard stream becomes
/// /dev/null.
void close_given_files(const Options& options);

}  // namespace nsrun
