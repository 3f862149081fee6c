// The parts of /proc and /sys that configure the kernel, or tell too much of it.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Hides and protects parts of a new procfs as an OCI runtime does.
void protect_proc(int proc, bool has_mount_setattr);

/// Which of the file systems through which the kernel is configured.
enum class Interfaces : unsigned char {
  kAll = 0,
  kButProc = 1,     ///< /proc/self has to stay writable
  kButDevices = 3,  ///< nor /dev: what mounts devices (--dev-bind)
};
/// The former alone, of the outer procfs, which --bind-proc binds.
void hide_parts_of_proc(int proc);

/// With the host's own /sys in the root: parts of it are hidden as an OCI runtime hides them, and
/// these file systems become read-only.
void protect_sys(int root, Interfaces interfaces);

/// Makes control groups read-only in a root that is the host's.
void protect_cgroups(int root);

}  // namespace nsrun
