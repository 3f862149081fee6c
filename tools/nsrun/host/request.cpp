#include "tools/nsrun/host/request.h"

#include "syscalls/ids.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/subordinate_ids.h"

namespace nsrun {

using stub::Attribute;
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

// The caller's own id needs nobody's help; for others there are the set-user-ID tools.
void add_tool(const Options& options, MessageWriter& writer, Attribute attribute,
              const char* path) {
  const auto found = sys::faccessat(AT_FDCWD, path, X_OK);
  if (!found && options.identity.map_auto) fail("--map-auto", path, found.error());
  writer.add_string(attribute, Text::of(found ? path : ""));
}

void write_tools(const Options& options, MessageWriter& writer) {
  writer.add_integer(Attribute::kRootless, 1);
  if (options.identity.uid_map != nullptr || options.identity.map_auto) {
    add_tool(options, writer, Attribute::kUidMapTool, "/usr/bin/newuidmap");
  }
  if (options.identity.gid_map != nullptr || options.identity.map_auto) {
    add_tool(options, writer, Attribute::kGidMapTool, "/usr/bin/newgidmap");
  }
}

// user_namespaces(7): who lives in a user namespace that an ordinary user has made may not set
// groups, and nobody below it either.
bool is_setgroups_denied() {
  const auto opened = sys::openat(AT_FDCWD, "/proc/self/setgroups", O_RDONLY);
  if (!opened) return false;
  const Fd file = opened.value();
  unsigned char first = 0;
  const auto size = sys::read(file.get(), {&first, 1});
  return size && first == 'd';
}

void write_time_offsets(const Options& options, MessageWriter& writer) {
  sys::FixedString<128> offsets;
  if (options.namespaces.monotonic_offset != nullptr) {
    offsets << "monotonic " << options.namespaces.monotonic_offset << " 0\n";
  }
  if (options.namespaces.boottime_offset != nullptr) {
    offsets << "boottime " << options.namespaces.boottime_offset << " 0\n";
  }
  if (!offsets.text().empty()) {
    writer.add_string(Attribute::kTimeOffsetsOrMountSources, offsets.text());
  }
}

}  // namespace

void append_mapped_ids(sys::StringBuilder& map, const Fd& own_map, sys::Span<char> buffer) {
  const size_t size = check(
      sys::read(own_map.get(), {reinterpret_cast<unsigned char*>(buffer.data), buffer.size - 1}),
      "read", "id map");
  buffer[size] = '\0';
  const char* cursor = buffer.data;
  const auto next = [&] {
    while (*cursor == ' ' || *cursor == '\n') ++cursor;
    return sys::take_decimal(cursor, 0xffffffff);
  };
  for (sys::Number inside = next(); inside.valid; inside = next()) {
    (void)next();  // the id outside of this user namespace, which has no name here
    map << inside.value << " " << inside.value << " " << next().value << "\n";
  }
}

unsigned mapped_root(const char* option) {
  if (option == nullptr) return 0;
  for (sys::Splitter ranges(Text::of(option), ','); ranges.more();) {
    const sys::ShortString range(ranges.next());
    const char* cursor = range.c_str();
    const sys::Number inside = sys::take_decimal(cursor, 0xffffffff);
    if (!inside.valid || inside.value != 0 || *cursor != ':') continue;
    return static_cast<unsigned>(sys::take_decimal(++cursor, 0xffffffff).value);
  }
  return 0;
}

void read_id_maps(const Options& options, IdMaps& maps) {
  append_map(options, maps.uid, options.identity.uid_map, "/proc/self/uid_map", "/etc/subuid",
             sys::geteuid(), maps.scratch);
  append_map(options, maps.gid, options.identity.gid_map, "/proc/self/gid_map", "/etc/subgid",
             sys::getegid(), maps.scratch);
  if (maps.uid.truncated()) fail("--uid-map", nullptr, "too long");
  if (maps.gid.truncated()) fail("--gid-map", nullptr, "too long");
}

void write_message(const Options& options, unsigned create, const JoinedProcesses& joined,
                   sys::Span<char> scratch, MessageWriter& writer) {
  const bool is_root = sys::geteuid() == 0;
  writer.add_integer(Attribute::kCloneFlags, create);
  if (options.namespaces.joins) {
    sys::StringBuilder joins(scratch.first(8192));
    joined.append_paths(options, joins);
    if (joins.truncated()) fail("--join", nullptr, "too long");
    if (!joins.text().empty()) writer.add_string(Attribute::kNamespacePaths, joins.text());
  }
  if ((create & CLONE_NEWUSER) != 0) {
    if (!is_root) write_tools(options, writer);
    IdMaps maps(scratch);
    read_id_maps(options, maps);
    writer.add_string(Attribute::kUidMap, maps.uid.text());
    writer.add_string(Attribute::kGidMap, maps.gid.text());
  }
  if (is_root && !is_setgroups_denied()) writer.add_integer(Attribute::kSetgroups, 1);
  if (options.process.oom_score_adj != nullptr) {
    writer.add_string(Attribute::kOomScoreAdj, Text::of(options.process.oom_score_adj));
  }
  write_time_offsets(options, writer);
  if (writer.truncated()) fail("bootstrap message", nullptr, "too long");
}

}  // namespace nsrun
