// Checks what options require of other options.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Ends nsrun if an option requires a new namespace or a root, and the other options do not create
/// it.
void require_namespaces(const Options& options);

}  // namespace nsrun
