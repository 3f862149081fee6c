// The container's file system, and the namespaces that are created while it is built.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Builds the file system and creates the other namespaces. On return this process is root of the
/// container's user namespace, and in the container's root. Its working directory is "/". Without a
/// root of its own, or in one that mounts build, it is the old directory instead, or `home` (may be
/// null) if the root has no such directory.
void make_file_system(const Options& options, Handover& handover, const char* home);

}  // namespace nsrun
