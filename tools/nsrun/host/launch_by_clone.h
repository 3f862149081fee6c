// Starts a container by one clone: for root, if there is nothing to join. docs/design.md.
#pragma once

#include "tools/nsrun/host/launched.h"
#include "tools/nsrun/host/preparation.h"

namespace nsrun {

/// Clones the container's first process into its new user, pid and time namespace. If the kernel
/// refuses the clone, nothing is running afterwards. `sealed` is what seal_self() has returned.
Launched launch_by_clone(Preparation& preparation, const char* sealed);

}  // namespace nsrun
