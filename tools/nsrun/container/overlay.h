// --overlay.
#pragma once

#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// Mounts an overlay as the option says, "LOWER:LOWER,UPPER,WORK", on what `place` is.
sys::Fd mount_overlay(const Option& option, int place);

}  // namespace nsrun
