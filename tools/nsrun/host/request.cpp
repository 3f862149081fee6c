#include "tools/nsrun/host/request.h"

#include "syscalls/ids.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/id_maps.h"

namespace nsrun {

using stub::Attribute;
using sys::Fd;
using sys::Text;

namespace {

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
