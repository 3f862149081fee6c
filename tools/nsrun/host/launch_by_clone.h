// The container by one clone: for root, and where there is nothing to join. docs/design.md.
#pragma once

#include "tools/nsrun/host/launched.h"
#include "tools/nsrun/host/preparation.h"

namespace nsrun {

/// Clones the container's first process, in its user, pid and time namespace. Nothing is running
/// afterwards if the kernel refuses that as a whole.
Launched launch_by_clone(Preparation& preparation);

}  // namespace nsrun
