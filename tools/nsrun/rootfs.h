// The container's file system.
#pragma once

namespace nsrun {

/// Puts a fresh procfs on /proc, for a new pid namespace. The mount namespace must be new.
void mount_fresh_proc();

/// Makes `directory` the root by pivot_root(2), with /proc, a small /dev and /tmp of its own, and
/// the old root gone.
void enter_rootfs(const char* directory);

/// Keeps mounts made from here on from spreading to other mount namespaces.
void make_mounts_private();

}  // namespace nsrun
