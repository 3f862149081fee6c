// --init: a first process that reaps.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// --init: forks. Returns in the child, which is to become the command. The parent stays as the
/// container's first process: it reaps all that comes to it, passes signals on to the child, those
/// too that have come meanwhile, and ends as the child ends. What the child leaves behind gets
/// SIGTERM and --grace before that; without a pid namespace of its own that is the child's process
/// group. The child has a session of its own,
/// with stdin as its controlling terminal where --tty is.
void become_init(const Options& options, Handover& handover);

}  // namespace nsrun
