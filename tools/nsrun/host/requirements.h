// What options want of each other.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Ends nsrun where an option wants a new namespace, or a root, that the others do not give it.
void require_namespaces(const Options& options);

}  // namespace nsrun
