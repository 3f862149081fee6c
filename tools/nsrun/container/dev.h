// A small /dev.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Puts devices of the host's and links into a /dev that is a new tmpfs, mounted at `path`, and
/// mounts /dev/shm and /dev/pts; `with_core`, /dev/core too, which bwrap has. Errors name the
/// option.
void fill_dev(int dev, const char* option, const char* path, bool has_mount_setattr,
              bool with_core);

}  // namespace nsrun
