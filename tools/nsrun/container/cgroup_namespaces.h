// Whether the container may create cgroup namespaces.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Whether the container must not reach control groups. A container that sees the host's files can
/// write to them anyway. Without a user namespace there is no limit that would apply to the
/// container alone.
bool forbids_cgroup_namespaces(const Options& options);

/// If so, forbids new cgroup namespaces in this process's user namespace and below, which must be
/// the container's. With a cgroup namespace owned by COMMAND's user namespace, or by one that
/// COMMAND creates, COMMAND could mount the cgroup file system and change the limits of its own
/// control group. `procfs` must be writable.
void forbid_cgroup_namespaces(const Options& options, int procfs);

}  // namespace nsrun
