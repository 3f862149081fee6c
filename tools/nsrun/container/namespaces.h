// The namespaces that the container's first process creates by itself.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// In the container's first process: creates the namespaces that are to be there before the file
/// system is built, but for those that it was born in, and for the user namespace.
void create_first_namespaces(const Options& options, Handover& handover);

/// In the container's first process: creates these namespaces (CLONE_NEW*), or all but the cgroup
/// namespace where the container may have none. Ends nsrun on an error.
void create_namespaces(const Options& options, unsigned flags);

}  // namespace nsrun
