// --bind-idmap, --ro-bind-idmap: mounts that map the owners of files.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Makes a detached mount for each of these options. Returns a socket from which the container
/// takes them, in the order of the options; a closed Fd if there is no such option. Ends nsrun on
/// an error.
///
/// mount_setattr(2) requires a process that has capabilities over the file system's own user
/// namespace, which the container's process does not have. It also requires a user namespace with
/// the wanted map. The container's may not exist yet, so another one with the same map is used.
sys::Fd make_id_mapped_binds(const Options& options);

}  // namespace nsrun
