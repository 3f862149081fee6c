#include "tools/nsrun/host/request.h"

#include "syscalls/poll.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/id_map_tools.h"
#include "tools/nsrun/host/id_maps.h"

namespace nsrun {

using stub::Attribute;
using sys::Text;

namespace {

// For maps that have more than the caller's own id. With newgidmap(1) the container can call
// setgroups(2), and its first process drops the caller's remaining groups. Without it, setgroups(2)
// must be denied for good, or the kernel refuses the map (user_namespaces(7)).
void write_tools(const IdMaps& maps, MessageWriter& writer) {
  writer.add_integer(Attribute::kRootless, 1);
  if (!maps.is_own_uid) writer.add_string(Attribute::kUidMapTool, uid_map_tool());
  if (maps.is_own_gid) return;
  writer.add_string(Attribute::kGidMapTool, gid_map_tool());
  writer.add_integer(Attribute::kSetgroups, 1);
}

// The maps of a user namespace can only be written from its parent user namespace, and nsrun is not
// in that one.
bool joins_user_namespace(sys::Text list) {
  for (sys::Splitter items(list, ','); items.more();) {
    if (items.next().starts_with("user:")) return true;
  }
  return false;
}

// The kernel refuses a clock that would be out of range (ERANGE), but does not say why. So nsrun
// checks it first.
void check_time_offset(const char* value, int clock, const char* name) {
  constexpr int64_t kMostSeconds = __INT64_MAX__ / 1'000'000'000 / 2;  // KTIME_SEC_MAX / 2
  const char* cursor = value;
  const int64_t offset = sys::take_signed_decimal(cursor, 1'000'000'000'000).value;
  if (offset >= 0 && offset < kMostSeconds / 2) return;
  const int64_t now = sys::nanoseconds(clock) / 1'000'000'000;
  const int64_t least = -now;
  const int64_t most = kMostSeconds - now - 1;
  if (offset >= least && offset <= most) return;
  sys::ShortString object;
  object << name << ":" << value;
  sys::FixedString<128> reason;
  reason << "the clock would be out of range: it is " << now << ", and SECONDS from " << least
         << " to " << most;
  fail("--time-offset", object.c_str(), reason.c_str());
}

void write_time_offsets(const Options& options, MessageWriter& writer) {
  sys::FixedString<128> offsets;
  if (options.namespaces.monotonic_offset != nullptr) {
    check_time_offset(options.namespaces.monotonic_offset, CLOCK_MONOTONIC, "monotonic");
    offsets << "monotonic " << options.namespaces.monotonic_offset << " 0\n";
  }
  if (options.namespaces.boottime_offset != nullptr) {
    check_time_offset(options.namespaces.boottime_offset, CLOCK_BOOTTIME, "boottime");
    offsets << "boottime " << options.namespaces.boottime_offset << " 0\n";
  }
  if (!offsets.text().empty()) {
    writer.add_string(Attribute::kTimeOffsetsOrMountSources, offsets.text());
  }
}

}  // namespace

void write_message(const Options& options, unsigned create, const JoinedProcesses& joined,
                   sys::Span<char> scratch, MessageWriter& writer) {
  writer.add_integer(Attribute::kCloneFlags, create);
  if (options.namespaces.joins_any()) {
    sys::StringBuilder joins(scratch.first(8192));
    joined.append_paths(options, joins);
    if (joins.truncated()) fail("--join", nullptr, "too long");
    if ((create & CLONE_NEWUSER) != 0 && joins_user_namespace(joins.text())) {
      fail("--join", "user",
           "no new user namespace can be made in a joined one: run another nsrun there");
    }
    if (!joins.text().empty()) writer.add_string(Attribute::kNamespacePaths, joins.text());
  }
  if ((create & CLONE_NEWUSER) != 0) {
    IdMaps maps(scratch);
    read_id_maps(options, maps);
    if (!options.caller_is_root) write_tools(maps, writer);
    writer.add_string(Attribute::kUidMap, maps.uid.text());
    writer.add_string(Attribute::kGidMap, maps.gid.text());
  }
  if (options.process.oom_score_adj != nullptr) {
    writer.add_string(Attribute::kOomScoreAdj, Text::of(options.process.oom_score_adj));
  }
  write_time_offsets(options, writer);
  if (writer.truncated()) fail("bootstrap message", nullptr, "too long");
}

}  // namespace nsrun
