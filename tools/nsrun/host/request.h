// What the options ask of the stub, as a bootstrap message.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/host/joined_processes.h"
#include "tools/nsrun/host/message.h"

namespace nsrun {

/// The message for the stub, of a container in new namespaces `create` (CLONE_NEW*) besides those
/// to join. `scratch`: at least IdMaps::kMemory.
void write_message(const Options& options, unsigned create, const JoinedProcesses& joined,
                   sys::Span<char> scratch, MessageWriter& writer);

}  // namespace nsrun
