// newuidmap(1), newgidmap(1): programs that may write id maps that an ordinary user may not.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// The path of the tool; "" if the caller has the capability and needs no tool. Ends nsrun if no
/// tool can do it, and reports what is missing.
sys::Text uid_map_tool();
sys::Text gid_map_tool();

}  // namespace nsrun
