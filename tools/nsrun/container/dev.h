// A small /dev.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Attaches a new tmpfs on what `place` is, whose path is `path`, and puts devices of the host's
/// and links into it, and /dev/shm and /dev/pts; `with_core`, /dev/core too, which bwrap has.
/// Errors name the option.
void attach_and_fill_dev(int dev, int place, const char* option, const char* path,
                         bool has_mount_setattr, bool with_core);

}  // namespace nsrun
