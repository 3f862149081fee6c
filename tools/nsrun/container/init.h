// --init: a first process that reaps.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Forks, and returns in the child, which becomes the command. The parent stays as the container's
/// first process. It reaps orphans, passes signals on to the child, including those that came
/// before, and ends as the child ends.
///
/// Before it ends, the processes that the child leaves behind get SIGTERM and --grace. Without a
/// new pid namespace these are the child's process group. The child has a session of its own. With
/// --tty, stdin is its controlling terminal.
void become_init(const Options& options, Handover& handover);

}  // namespace nsrun
