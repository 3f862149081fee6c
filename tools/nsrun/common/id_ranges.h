// Ranges of ids, as /proc/PID/uid_map and gid_map have them: user_namespaces(7).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace nsrun {

/// The line that maps all ids as they are. The kernel takes it from a process that has all of them.
inline constexpr char kAllIds[] = "0 0 4294967295\n";

/// Adds a line for each range of ids that a user namespace has, as they are: for a user namespace
/// inside it. `own_map` is the uid_map or gid_map of a process of that user namespace; `buffer` is
/// for its text.
void append_mapped_ids(sys::StringBuilder& map, const sys::Fd& own_map, sys::Span<char> buffer);

/// The id outside that `id` stands for, of a map "INSIDE:OUTSIDE:COUNT,…"; `id` itself where there
/// is no map, all ones where it is in none of the ranges.
unsigned mapped_id(const char* option, unsigned id);

/// The id outside that 0 stands for, of a map "INSIDE:OUTSIDE:COUNT,…"; 0 where there is no map, or
/// none of it is for 0.
unsigned mapped_root(const char* option);

}  // namespace nsrun
