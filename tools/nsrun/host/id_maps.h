// The id maps that the options ask for.
#pragma once

#include "syscalls/text.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/host/id_map.h"

namespace nsrun {

/// Lines as /proc/PID/uid_map and gid_map take them (user_namespaces(7)), in memory that somebody
/// else owns.
struct IdMaps {
  static constexpr size_t kText = 4096;
  static constexpr size_t kScratch = 8192;
  static constexpr size_t kMemory = 2 * kText + kScratch + sizeof(IdMap);
  /// At least kMemory, aligned as a page is.
  explicit IdMaps(sys::Span<char> memory)
      : uid(memory.first(kText)),
        gid(memory.from(kText).first(kText)),
        scratch(memory.from(2 * kText).first(kScratch)),
        ranges(memory.from(2 * kText + kScratch)) {}
  sys::StringBuilder uid;
  sys::StringBuilder gid;
  sys::Span<char> scratch;
  sys::Span<char> ranges;  // of one map, and then of the other
  /// Whether anybody may write this map: it is for the caller's own id alone.
  bool is_own_uid = false;
  bool is_own_gid = false;
};

/// The maps of the options; without any, for root every id that there is, as it is, and for others
/// the caller's own as 0. Where there will be an inner user namespace, those of the outer one. What
/// can be wrong with them, or with the ids of --user, ends nsrun.
void read_id_maps(const Options& options, IdMaps& maps);

}  // namespace nsrun
