// Checks what options require of other options, and of the kernel.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Ends nsrun if an option requires a new namespace or a root, and the other options do not create
/// it.
void require_namespaces(const Options& options);

/// Ends nsrun if this kernel was built without a type of namespace that is to be created. Names all
/// that are missing. Without /proc, the call that creates them fails later.
void require_kernel(const Options& options);

}  // namespace nsrun
