// What the options ask of the host's side: the id maps, and all of it as a bootstrap message.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/host/joined.h"
#include "tools/nsrun/host/message.h"

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

/// The line that maps all ids as they are. The kernel takes it from a process that has all of them.
inline constexpr char kAllIds[] = "0 0 4294967295\n";

/// Adds a line for each range of ids that a user namespace has, as they are: for a user namespace
/// inside it. `own_map` is the uid_map or gid_map of a process of that user namespace; `buffer` is
/// for its text.
void append_mapped_ids(sys::StringBuilder& map, const sys::Fd& own_map, sys::Span<char> buffer);

/// The id outside that 0 stands for, of a map "INSIDE:OUTSIDE:COUNT,…"; 0 where there is no map, or
/// none of it is for 0.
unsigned mapped_root(const char* option);

/// The message for the stub, of a container in new namespaces `create` (CLONE_NEW*) besides those
/// to join. `scratch`: at least IdMaps::kMemory.
void write_message(const Options& options, unsigned create, const JoinedProcesses& joined,
                   sys::Span<char> scratch, MessageWriter& writer);

}  // namespace nsrun
