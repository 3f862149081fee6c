#include "tools/nsrun/host/id_maps.h"

#include "syscalls/ids.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/id_ranges.h"
#include "tools/nsrun/host/subordinate_ids.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

namespace {

// INSIDE:OUTSIDE:COUNT,… as lines.
void append_option(sys::StringBuilder& map, const char* option) {
  for (; *option != '\0'; ++option) {
    const char c = *option == ':' ? ' ' : *option == ',' ? '\n' : *option;
    map << Text(&c, 1);
  }
  map << "\n";
}

// An option's; with --map-auto the caller's own as 0 and the subordinate ones from 1 on; without
// any, for root every id that he has, as it is, and for others the caller's own as 0.
void append_map(const Options& options, sys::StringBuilder& map, const char* option,
                const char* own_map, const char* subordinate, unsigned id,
                sys::Span<char> scratch) {
  if (option != nullptr) return append_option(map, option);
  if (sys::geteuid() == 0 && !options.identity.map_root_user && !options.identity.map_auto) {
    const Fd file = check(sys::openat(AT_FDCWD, own_map, O_RDONLY), "open", own_map);
    return append_mapped_ids(map, file, scratch);
  }
  map << "0 " << id << " 1\n";
  if (options.identity.map_auto) append_subordinate_ids(map, subordinate, sys::geteuid());
}

}  // namespace

void read_id_maps(const Options& options, IdMaps& maps) {
  append_map(options, maps.uid, options.identity.uid_map, "/proc/self/uid_map", "/etc/subuid",
             sys::geteuid(), maps.scratch);
  append_map(options, maps.gid, options.identity.gid_map, "/proc/self/gid_map", "/etc/subgid",
             sys::getegid(), maps.scratch);
  if (maps.uid.truncated()) fail("--uid-map", nullptr, "too long");
  if (maps.gid.truncated()) fail("--gid-map", nullptr, "too long");
}

}  // namespace nsrun
