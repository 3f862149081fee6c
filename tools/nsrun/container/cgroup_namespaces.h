// Whether the container may make cgroup namespaces.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Whether the container is to be kept from control groups. One that sees the host's files can
/// write to them anyway, and without a user namespace there is nothing that could be set for it
/// alone.
bool forbids_cgroup_namespaces(const Options& options);

/// If so: forbids new cgroup namespaces in the caller's user namespace and below, which must be the
/// container's: one that belongs to COMMAND, or to a user namespace that COMMAND makes, would allow
/// it to mount the cgroup file system and to change the limits of its own control group. `procfs`
/// is a writable one.
void forbid_cgroup_namespaces(const Options& options, int procfs);

}  // namespace nsrun
