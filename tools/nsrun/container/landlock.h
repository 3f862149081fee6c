// --landlock-ro, --landlock-rw.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// From now on this process, and what it executes, can only access the files that the options name,
/// and files that are already open. Paths are resolved as COMMAND sees them, from its working
/// directory. Needs no_new_privs or CAP_SYS_ADMIN. Ends nsrun on an error, and if the kernel has no
/// Landlock.
void restrict_files(const Options& options);

}  // namespace nsrun
