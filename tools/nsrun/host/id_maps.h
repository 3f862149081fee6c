// The id maps that the options ask for.
#pragma once

#include "syscalls/text.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/host/id_map.h"

namespace nsrun {

/// Lines for /proc/PID/uid_map and gid_map (user_namespaces(7)). They are in memory that the
/// creator of this object owns.
struct IdMaps {
  static constexpr size_t kText = 4096;
  static constexpr size_t kScratch = 8192;
  static constexpr size_t kMemory = 2 * kText + kScratch + sizeof(IdMap);
  /// `memory`: at least kMemory bytes, aligned to a page.
  explicit IdMaps(sys::Span<char> memory)
      : uid(memory.first(kText)),
        gid(memory.from(kText).first(kText)),
        scratch(memory.from(2 * kText).first(kScratch)),
        ranges(memory.from(2 * kText + kScratch)) {}
  sys::StringBuilder uid;
  sys::StringBuilder gid;
  sys::Span<char> scratch;
  sys::Span<char> ranges;  // first for one map, then for the other
  /// Whether the map has the caller's own id only. Any process of the caller may write such a map.
  bool is_own_uid = false;
  bool is_own_gid = false;
};

/// Builds the maps that the options ask for. By default root maps each of its ids to itself, and
/// any other caller maps only his own id, to 0. If there will be an inner user namespace, these are
/// the maps of the outer one. Ends nsrun if the maps, or the ids of --user, are wrong.
void read_id_maps(const Options& options, IdMaps& maps);

}  // namespace nsrun
