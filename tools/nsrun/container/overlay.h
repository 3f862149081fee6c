// --overlay, --tmp-overlay, --ro-overlay.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Mounts an overlay on `place`, which is at `path`. Its layers are "LOWER:LOWER,UPPER,WORK", where
/// a backslash escapes ":", "," and itself, or those of --overlay-src.
sys::Fd mount_overlay(const Options& options, const Option& option, int place, const char* path);

/// Mounts an overlay from "LOWER:LOWER,UPPER,WORK" on its first layer.
sys::Fd mount_overlay_on_lower(const Options& options, const Option& option);

}  // namespace nsrun
