// Ranges of ids, as /proc/PID/uid_map and gid_map have them: user_namespaces(7).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace nsrun {

/// The line that maps all ids as they are. The kernel takes it from a process that has all of them.
inline constexpr char kAllIds[] = "0 0 4294967295\n";

/// A range of an id map: so many ids from the first on, by their numbers inside and outside.
struct MapRange {
  int64_t inside = 0;
  int64_t outside = 0;
  int64_t count = 0;
};
/// Takes the next range of a map as an option has it, "INSIDE:OUTSIDE:COUNT,…", or as /proc has it,
/// a line each. False: there is none.
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

/// Reads a uid_map or gid_map of /proc, with a NUL behind it.
void read_map(const sys::Fd& map, sys::Span<char> buffer);

/// Adds a line for each range of ids that a user namespace has, as they are: for a user namespace
/// inside it. There, id 0 goes by the number `root`, which is nobody else's. `own_map` is the
/// uid_map or gid_map of a process of that user namespace; `buffer` is for its text.
void append_mapped_ids(sys::StringBuilder& map, const sys::Fd& own_map, sys::Span<char> buffer,
                       unsigned root = 0);

/// The id outside that `id` stands for, of a map "INSIDE:OUTSIDE:COUNT,…"; `id` itself where there
/// is no map, all ones where it is in none of the ranges.
unsigned mapped_id(const char* option, unsigned id);

/// The first id inside that a user namespace maps, by the uid_map or gid_map of a process of it.
/// Not valid: none is mapped.
sys::Number first_mapped_id(const sys::Fd& own_map);

}  // namespace nsrun
