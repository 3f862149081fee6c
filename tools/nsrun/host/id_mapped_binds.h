// --bind-idmap, --ro-bind-idmap: mounts whose owners are mapped.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Makes those mounts, detached, and the socket from which the container takes them, one for each
/// option in the order of the options. Not open: there is no such option. Ends nsrun on an error.
///
/// mount_setattr(2) wants a process that is capable over the file system's own user namespace,
/// which the container is not; and a user namespace whose map is to be taken. That is one of the
/// same map as the container's, which need not be there yet.
sys::Fd make_id_mapped_binds(const Options& options);

}  // namespace nsrun
