// What the options ask of the host's side: the id maps, and all of it as a bootstrap message.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/message.h"
#include "tools/nsrun/options.h"

namespace nsrun {

/// Lines as /proc/PID/uid_map and gid_map take them (user_namespaces(7)).
struct IdMaps {
  sys::FixedString<8192> uid;
  sys::FixedString<8192> gid;
};

/// The maps of the options; without any, for root every id that there is, as it is, and for others
/// the caller's own as 0.
void read_id_maps(const Options& options, IdMaps& maps);

/// The line that maps all ids as they are. The kernel takes it from a process that has all of them.
inline constexpr char kAllIds[] = "0 0 4294967295\n";

/// Adds a line for each range of ids that a user namespace has, as they are: for a user namespace
/// inside it. `own_map` is the uid_map or gid_map of a process of that user namespace.
void append_mapped_ids(sys::StringBuilder& map, const sys::Fd& own_map);

/// The message for the stub, of a container in new namespaces `create` (CLONE_NEW*) besides those
/// to join.
void write_message(const Options& options, unsigned create, MessageWriter& writer);

}  // namespace nsrun
