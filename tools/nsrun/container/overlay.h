// --overlay, --tmp-overlay, --ro-overlay.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Mounts an overlay as the option says on what `place`, at `path`, is: "LOWER:LOWER,UPPER,WORK",
/// in which a backslash takes the meaning from ":", "," and itself; or the layers of --overlay-src.
sys::Fd mount_overlay(const Options& options, const Option& option, int place, const char* path);

/// The same in the first form, on its first layer.
sys::Fd mount_overlay_on_lower(const Options& options, const Option& option);

}  // namespace nsrun
