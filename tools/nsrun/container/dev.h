// A small /dev.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Attaches a new tmpfs on `place`, which is at `path`. Puts some of the host's devices, some
/// links, /dev/shm and /dev/pts into it, and, if `with_core`, /dev/core, which bwrap has too.
/// Errors name the option.
void attach_and_fill_dev(int dev, int place, const char* option, const char* path,
                         bool has_mount_setattr, bool with_core);

}  // namespace nsrun
