// Starts a container by the stub's stages 0, 1 and 2, for all that one clone cannot do.
// docs/protocol.md.
#pragma once

#include "tools/nsrun/host/launched.h"
#include "tools/nsrun/host/preparation.h"

namespace nsrun {

/// Starts stage 0, which is this program with the same command line, and sends the bootstrap
/// message to it. Ends nsrun on an error.
Launched launch_by_stages(Preparation& preparation);

}  // namespace nsrun
