// What the options ask of the host's side: the id maps, and all of it as a bootstrap message.
#pragma once

#include "tools/nsrun/joined.h"
#include "tools/nsrun/message.h"
#include "tools/nsrun/options.h"

namespace nsrun {

/// Lines as /proc/PID/uid_map and gid_map take them (user_namespaces(7)), in memory that somebody
/// else owns.
struct IdMaps {
  static constexpr size_t kMemory = size_t{3} * 8192;
  /// At least kMemory.
  explicit IdMaps(sys::Span<char> memory)
      : uid(memory.first(8192)),
        gid(memory.from(8192).first(8192)),
        scratch(memory.from(size_t{2} * 8192).first(8192)) {}
  sys::StringBuilder uid;
  sys::StringBuilder gid;
  sys::Span<char> scratch;
};

/// The maps of the options; without any, for root every id that there is, as it is, and for others
/// the caller's own as 0.
void read_id_maps(const Options& options, IdMaps& maps);

/// The message for the stub, of a container in new namespaces `create` (CLONE_NEW*) besides those
/// to join. `scratch`: at least IdMaps::kMemory.
void write_message(const Options& options, unsigned create, const JoinedProcesses& joined,
                   sys::Span<char> scratch, MessageWriter& writer);

}  // namespace nsrun
