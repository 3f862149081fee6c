// The namespaces that the container's first process creates.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// In the container's first process: creates the namespaces that the file system needs, except the
/// user namespace and those that this process was born in.
void create_first_namespaces(const Options& options, Handover& handover);

/// In the container's first process: creates these namespaces (CLONE_NEW*). Goes on without a
/// cgroup namespace if the container may do without one. Ends nsrun on an error.
void create_namespaces(const Options& options, unsigned flags);

}  // namespace nsrun
