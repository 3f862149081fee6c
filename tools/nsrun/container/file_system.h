// The container's file system, and the namespaces that are made while it is built.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Builds the file system and creates the rest of the namespaces. On return this process is root of
/// the container's user namespace, and in its root: at "/" or, without a root of its own and in one
/// that mounts make up, where it was, else at `home` (null: there is none).
void make_file_system(const Options& options, Handover& handover, const char* home);

}  // namespace nsrun
