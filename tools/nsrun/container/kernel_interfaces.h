// The parts of /proc and /sys that configure the kernel, or reveal too much about it.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Hides parts of a new procfs and makes others read-only, as an OCI runtime does.
void protect_proc(int proc, bool has_mount_setattr);

/// Which file systems to make read-only, of those that configure the kernel.
enum class Interfaces : unsigned char {
  kAll = 0,
  kButDevices = 2,  ///< all but devtmpfs and devpts, for --dev-bind
};
/// Only hides parts. For the outer procfs, which --bind-proc binds and makes read-only.
void hide_parts_of_proc(int proc);

/// Protects the root, or what is bound elsewhere under any name. If it has the host's own /sys:
/// hides parts of that as an OCI runtime does, and makes the file systems in `interfaces`
/// read-only. If it is the host's /proc, /sys or control groups, or a part of them: makes it
/// read-only. The root's own /proc is left to protect_proc().
void protect_interfaces(int mount, bool is_root, Interfaces interfaces, bool has_mount_setattr);

/// Makes control groups read-only, in a root that is the host's.
void protect_cgroups(int root);

}  // namespace nsrun
