// Ranges of ids, as in /proc/PID/uid_map and gid_map: user_namespaces(7).
#pragma once

#include "arch/syscall.h"
#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace nsrun {

/// The line that maps each id to itself. The kernel accepts it from a process that has all ids.
NSEXEC_SHARED constexpr char kAllIds[] = "0 0 4294967295\n";

/// A range of an id map: the first id inside, the first id outside, and the number of ids.
struct MapRange {
  int64_t inside = 0;
  int64_t outside = 0;
  int64_t count = 0;
};
/// Takes the next range of a map, in the form of an option, "INSIDE:OUTSIDE:COUNT,…", or in that of
/// /proc, one range a line. Returns false if there is none.
constexpr bool take_range(const char*& map, MapRange& range) {
  const auto next = [&] {
    while (*map == ' ' || *map == '\n' || *map == ':' || *map == ',') ++map;
    return sys::take_decimal(map, 0xffffffff);
  };
  const sys::Number inside = next();
  if (!inside.valid) return false;
  range.inside = inside.value;
  range.outside = next().value;
  range.count = next().value;
  return true;
}

/// Reads a uid_map or gid_map of /proc, and appends a NUL.
void read_map(const sys::Fd& map, sys::Span<char> buffer);

/// Appends a line for each range of ids in a user namespace, for the map of a new user namespace
/// inside it. Each id is mapped to itself, except that id 0 appears inside as `root`, a number that
/// no other id has. `own_map` is the uid_map or gid_map of a process in the outer one; `buffer` is
/// for its text.
void append_mapped_ids(sys::StringBuilder& map, const sys::Fd& own_map, sys::Span<char> buffer,
                       unsigned root = 0);

/// The id outside that `id` stands for in a map "INSIDE:OUTSIDE:COUNT,…". Returns `id` itself if
/// there is no map, and all ones if no range has it.
unsigned mapped_id(const char* option, unsigned id);

/// The first id inside that a user namespace maps, by the uid_map or gid_map of one of its
/// processes. Not valid if it maps none.
sys::Number first_mapped_id(const sys::Fd& own_map);

}  // namespace nsrun
