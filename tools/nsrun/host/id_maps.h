// The id maps that the options ask for.
#pragma once

#include "syscalls/text.h"
#include "tools/nsrun/command_line/options.h"

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

}  // namespace nsrun
