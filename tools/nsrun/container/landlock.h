// --landlock-ro, --landlock-rw.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// From here on this process, and what it executes, has no access to files but to those that the
/// options name. What is open already stays open. Paths are those that COMMAND sees, from its
/// working directory on. Wants no_new_privs or CAP_SYS_ADMIN. Ends nsrun on an error, and where the
/// kernel has no Landlock.
void restrict_files(const Options& options);

}  // namespace nsrun
