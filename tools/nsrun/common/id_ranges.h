// Ranges of ids, as /proc/PID/uid_map and gid_map have them: user_namespaces(7).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace nsrun {

/// The line that maps all ids as they are. The kernel takes it from a process that has all of them.
inline constexpr char kAllIds[] = "0 0 4294967295\n";

/// Adds a line for each range of ids that a user namespace has, as they are: for a user namespace
/// inside it. There, id 0 goes by the number `root`, which is nobody else's. `own_map` is the
/// uid_map or gid_map of a process of that user namespace; `buffer` is for its text.
void append_mapped_ids(sys::StringBuilder& map, const sys::Fd& own_map, sys::Span<char> buffer,
                       unsigned root = 0);

/// The id outside that `id` stands for, of a map "INSIDE:OUTSIDE:COUNT,…"; `id` itself where there
/// is no map, all ones where it is in none of the ranges.
unsigned mapped_id(const char* option, unsigned id);

/// The first id that a user namespace maps, by the uid_map or gid_map of a process of it. Not
/// valid: none is mapped.
sys::Number first_mapped_id(const sys::Fd& own_map);

}  // namespace nsrun
