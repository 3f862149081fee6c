// Which ids the container's first process has, by the options.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Fills in Options::own_uid and own_gid, and what else depends on who the caller is: his effective
/// ids.
void resolve_ids(Options& options, unsigned uid, unsigned gid);

}  // namespace nsrun
