// Which ids the options give to the container's first process.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Sets Options::own_uid and own_gid, and the other members that depend on the caller. `uid` and
/// `gid` are the caller's effective ids.
void resolve_ids(Options& options, unsigned uid, unsigned gid);

}  // namespace nsrun
