// The ids of a process that has joined a user namespace.
#pragma once

namespace nsrun {

/// If this process's ids are not mapped in its user namespace, takes the first ids that are.
/// Otherwise it would keep the caller's ids, usually root's, while processes of that user namespace
/// can reach it. `process` is the directory of a joined process below a procfs that can be trusted.
/// If it is another fd or -1, /proc is used. Ends nsrun if no id is mapped.
void take_mapped_ids(int process);

}  // namespace nsrun
