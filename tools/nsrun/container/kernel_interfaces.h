// The parts of /proc and /sys that configure the kernel, or reveal too much about it.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Hides parts of a new procfs and makes others read-only, as an OCI runtime does.
void protect_proc(int proc, bool has_mount_setattr);

/// Which file systems to make read-only, of those that configure the kernel.
enum class Interfaces : unsigned char {
  kAll = 0,
  kButProc = 1,     ///< all but procfs, because /proc/self must stay writable
  kButDevices = 3,  ///< all but procfs, devtmpfs and devpts, for --dev-bind
};
/// Only hides parts. For the outer procfs, which --bind-proc binds and makes read-only.
void hide_parts_of_proc(int proc);

/// If the root has the host's own /sys: hides parts of it as an OCI runtime does, and makes the
/// file systems in `interfaces` read-only.
void protect_sys(int root, Interfaces interfaces);

/// Makes control groups read-only, in a root that is the host's.
void protect_cgroups(int root);

}  // namespace nsrun
