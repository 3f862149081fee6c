// The container's file system.
#pragma once

#include "tools/nsrun/options.h"

namespace nsrun {

/// Puts the container's file system together, as the options say, in a mount namespace that is new.
/// In order:
///  1. Takes --rootfs, or the overlay on /, as a mount; without either the root stays as it is.
///  2. Mounts /proc, and with a root of its own /dev and /tmp; hides parts of /proc.
///  3. Does what the options say, one after the other.
///  4. Moves into the root by pivot_root(2), and the old one is gone.
void build_file_system(const Options& options);

/// The same while this process makes new namespaces `flags` (CLONE_NEW*, not CLONE_NEWNS). A
/// network namespace takes the kernel as long as a file system, and waits more than it computes.
void build_file_system_beside(const Options& options, unsigned flags);

}  // namespace nsrun
