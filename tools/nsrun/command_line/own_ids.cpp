#include "tools/nsrun/command_line/own_ids.h"

#include "tools/nsrun/common/id_ranges.h"

namespace nsrun {

namespace {

constexpr int64_t kMost = 0xffffffff;

// The own id by a map "INSIDE:OUTSIDE:COUNT,…". It is 0 if 0 is mapped, else the caller's id if
// that is mapped, else the first id of the map.
MappedId own_id_of_map(const char* map, unsigned caller) {
  MappedId first;
  MappedId own;
  bool has_first = false;
  bool has_own = false;
  for (MapRange range; take_range(map, range);) {
    const MappedId start = {static_cast<unsigned>(range.inside),
                            static_cast<unsigned>(range.outside)};
    if (range.inside == 0 && range.count != 0) return start;
    if (caller >= range.outside && caller - range.outside < range.count) {
      own = {start.inside + (caller - start.outside), caller};
      has_own = true;
    }
    if (!has_first) first = start;
    has_first = true;
  }
  return has_own ? own : first;
}

MappedId own_id(const char* map, const char* number, bool keeps, unsigned caller) {
  if (map != nullptr) return own_id_of_map(map, caller);
  if (number != nullptr) {
    return {static_cast<unsigned>(sys::take_decimal(number, kMost).value), caller};
  }
  return {keeps ? caller : 0, caller};
}

}  // namespace

void resolve_ids(Options& options, unsigned uid, unsigned gid) {
  const IdentityOptions& identity = options.identity;
  options.caller_is_root = uid == 0;
  options.caller_uid = uid;
  options.caller_gid = gid;
  // As in bwrap(1): if only one of --uid and --gid is given, the other id is the caller's.
  const bool keeps = identity.keep_id || identity.uid != nullptr || identity.gid != nullptr;
  options.own_uid = own_id(identity.uid_map, identity.uid, keeps, uid);
  options.own_gid = own_id(identity.gid_map, identity.gid, keeps, gid);
}

}  // namespace nsrun
