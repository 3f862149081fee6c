// newuidmap(1), newgidmap(1): programs that may write the id maps that an ordinary user may not.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// The path of the tool; "" where the caller needs none, since he has the capability himself. Ends
/// nsrun where there is none that could do it, and says what is missing.
sys::Text uid_map_tool();
sys::Text gid_map_tool();

}  // namespace nsrun
