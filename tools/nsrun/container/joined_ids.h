// The ids of a process that has joined a user namespace.
#pragma once

namespace nsrun {

/// Where the ids that this process has are not mapped in its user namespace, it takes the first
/// ones that are. It would otherwise be the caller still, root as a rule, in reach of those who own
/// that user namespace. `process` is the directory of a joined process below a procfs that can be
/// trusted; another fd, or -1: /proc is asked. Ends nsrun where no id is mapped.
void take_mapped_ids(int process);

}  // namespace nsrun
