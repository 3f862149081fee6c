// The container's file system, and the namespaces that are made while it is built.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Builds the file system and creates the rest of the namespaces. On return this process is root of
/// the container's user namespace, and in its root.
void make_file_system(const Options& options, Handover& handover);

}  // namespace nsrun
