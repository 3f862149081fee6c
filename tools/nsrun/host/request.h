// The bootstrap message that the options ask for.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/host/joined_processes.h"
#include "tools/nsrun/host/message.h"

namespace nsrun {

/// Writes the message to the stub, for a container in new namespaces `create` (CLONE_NEW*) and
/// those that are joined. `scratch`: at least IdMaps::kMemory.
void write_message(const Options& options, unsigned create, const JoinedProcesses& joined,
                   sys::Span<char> scratch, MessageWriter& writer);

}  // namespace nsrun
