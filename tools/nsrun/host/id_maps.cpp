#include "tools/nsrun/host/id_maps.h"

#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/id_ranges.h"
#include "tools/nsrun/common/mapped.h"
#include "tools/nsrun/host/subordinate_ids.h"

namespace nsrun {

using sys::Fd;

namespace {

// What differs between the two maps.
struct Kind {
  IdMapName name;
  MappedId own;
  unsigned caller;
  bool of_groups;

  [[nodiscard]] const char* own_map() const {
    return of_groups ? "/proc/self/gid_map" : "/proc/self/uid_map";
  }
};

Fd open_map(const char* path) { return check(sys::open(path, O_RDONLY), "open", path); }

// Builds the map of an option, or else a map of the caller's own id. With --map-auto the
// subordinate ids follow, from 1 on.
IdMap& put_together(const Options& options, const Kind& kind, sys::Span<char> place,
                    sys::Span<char> scratch) {
  IdMap& map = *new (place.data, InMapping{}) IdMap(kind.name);
  if (kind.name.value != nullptr) {
    map.add_option(kind.name.value);
  } else {
    map.add(kind.own.inside, kind.own.outside, 1);
    if (options.identity.map_auto) add_subordinate_ids(map, kind.of_groups, options.caller_uid);
  }
  if (!map.is_only(kind.caller)) map.split(open_map(kind.own_map()), scratch);
  return map;
}

[[noreturn]] void refuse_user(const Options& options, const char* what, unsigned id) {
  sys::FixedString<160> reason;
  reason << what << " " << id
         << " is not mapped in the user namespace (map it by --map-auto, --uid-map, --gid-map)";
  fail("--user", options.identity.user, reason.c_str());
}

void check_user(const Options& options, const IdMap& map, bool of_groups) {
  UserIds ids;
  if (options.identity.user == nullptr || !parse_user(options.identity.user, ids)) return;
  if (!of_groups && !map.has(ids.uid)) refuse_user(options, "user id", ids.uid);
  if (of_groups && !map.has(ids.gid)) refuse_user(options, "group id", ids.gid);
  for (size_t i = 0; of_groups && i < ids.group_count; ++i) {
    if (!map.has(ids.groups[i])) refuse_user(options, "group id", ids.groups[i]);
  }
}

// Returns whether the map has the caller's own id only.
bool append_map(const Options& options, const Kind& kind, sys::StringBuilder& text,
                const IdMaps& maps) {
  const bool given = kind.name.value != nullptr;
  if (options.caller_is_root && !given && options.maps_rest()) {
    append_mapped_ids(text, open_map(kind.own_map()), maps.scratch);
    return false;
  }
  IdMap& map = put_together(options, kind, maps.ranges, maps.scratch);
  check_user(options, map, kind.of_groups);
  const bool is_own = map.is_only(kind.caller);
  if (options.has_outer()) map.make_root(kind.own);
  map.append(text);
  return is_own;
}

}  // namespace

void read_id_maps(const Options& options, IdMaps& maps) {
  const IdentityOptions& identity = options.identity;
  const Kind users{{identity.uid_map == nullptr ? "--map-auto" : "--uid-map", identity.uid_map},
                   options.own_uid,
                   options.caller_uid,
                   false};
  const Kind groups{{identity.gid_map == nullptr ? "--map-auto" : "--gid-map", identity.gid_map},
                    options.own_gid,
                    options.caller_gid,
                    true};
  maps.is_own_uid = append_map(options, users, maps.uid, maps);
  maps.is_own_gid = append_map(options, groups, maps.gid, maps);
}

}  // namespace nsrun
