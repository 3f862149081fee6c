// nsexec_parent_encode(): writes the C structure as a bootstrap message.
#include "parent/message.h"
#include "parent/nsexec_parent.h"
#include "syscalls/uapi.h"

namespace parent {

namespace {

using stub::Attribute;
using sys::Text;

constexpr size_t kMostNanoseconds = 999'999'999;

bool is_text(const char* text) { return text != nullptr && *text != '\0'; }

// Writes what the structure asks for. encode() returns false if the stub would refuse the message.
class Encoder {
 public:
  Encoder(const nsexec_message& message, MessageWriter& writer)
      : message_(message), writer_(writer) {}

  bool encode() {
    if ((message_.clone_flags & ~sys::kAllNamespaces) != 0) return false;
    writer_.add_integer(Attribute::kCloneFlags, message_.clone_flags);
    write_boolean(Attribute::kSetgroups, message_.setgroups);
    write_boolean(Attribute::kRootless, message_.rootless);
    write_tool(Attribute::kUidMapTool, message_.uid_map_tool);
    write_tool(Attribute::kGidMapTool, message_.gid_map_tool);
    return write_oom_score_adj() && write_joins() &&
           write_map(Attribute::kUidMap, message_.uid_map, message_.uid_map_count) &&
           write_map(Attribute::kGidMap, message_.gid_map, message_.gid_map_count) &&
           write_time_offsets() && write_mount_sources();
  }

 private:
  void begin(Attribute type) { writer_.begin(static_cast<unsigned>(type)); }
  void append(const char* text) { writer_.append(Text::of(text)); }
  void append(int64_t number) { writer_.append(sys::Decimal(number).text()); }
  void end_string() {
    writer_.append({"", 1});
    writer_.end();
  }

  void write_boolean(Attribute type, int32_t value) {
    if (value != 0) writer_.add_integer(type, 1);
  }

  void write_tool(Attribute type, const char* path) {
    if (is_text(path)) writer_.add_string(type, Text::of(path));
  }

  bool write_oom_score_adj() {
    const int32_t value = message_.oom_score_adj;
    if (message_.set_oom_score_adj == 0) return true;
    if (value < -1000 || value > 1000) return false;
    writer_.add_string(Attribute::kOomScoreAdj, sys::Decimal(value).text());
    return true;
  }

  bool write_joins() {
    const size_t count = message_.join_count;
    if (count == 0) return true;
    if (count > stub::kMostNamespacePaths) return false;
    begin(Attribute::kNamespacePaths);
    for (size_t i = 0; i < count; ++i) {
      const nsexec_join& join = message_.joins[i];
      if (join.type == nullptr || sys::namespace_flag(join.type) == 0) return false;
      if (!is_text(join.path) || Text::of(join.path).contains(',')) return false;
      if (i != 0) append(",");
      append(join.type);
      append(":");
      append(join.path);
    }
    end_string();
    return true;
  }

  bool write_map(Attribute type, const nsexec_id_range* ranges, size_t count) {
    if (count == 0) return true;
    begin(type);
    for (size_t i = 0; i < count; ++i) {
      if (ranges[i].count == 0) return false;
      append(int64_t{ranges[i].inside});
      append(" ");
      append(int64_t{ranges[i].outside});
      append(" ");
      append(int64_t{ranges[i].count});
      append("\n");
    }
    end_string();
    return true;
  }

  bool write_time_offsets() {
    const size_t count = message_.time_offset_count;
    if (count == 0) return true;
    begin(Attribute::kTimeOffsetsOrMountSources);
    for (size_t i = 0; i < count; ++i) {
      const nsexec_time_offset& offset = message_.time_offsets[i];
      const char* clock = offset.clock;
      if (clock == nullptr || offset.nanoseconds > kMostNanoseconds) return false;
      if (!sys::same(clock, "monotonic") && !sys::same(clock, "boottime")) return false;
      append(clock);
      append(" ");
      append(offset.seconds);
      append(" ");
      append(int64_t{offset.nanoseconds});
      append("\n");
    }
    end_string();
    return true;
  }

  bool write_mount_sources() {
    const size_t count = message_.mount_source_count;
    if (count == 0) return true;
    if (message_.time_offset_count != 0) return false;  // both have the same attribute number
    begin(Attribute::kTimeOffsetsOrMountSources);
    for (size_t i = 0; i < count; ++i) {
      const nsexec_mount_source& source = message_.mount_sources[i];
      if (is_text(source.path)) {
        if (source.fd < 0) return false;
        append(source.path);
      }
      writer_.append({"", 1});
    }
    writer_.end();
    return true;
  }

  const nsexec_message& message_;
  MessageWriter& writer_;
};

}  // namespace

}  // namespace parent

extern "C" long nsexec_parent_encode(const struct nsexec_message* message, void* buffer,
                                     size_t size) {
  parent::MessageWriter writer({static_cast<unsigned char*>(buffer), size});
  if (!parent::Encoder(*message, writer).encode()) return -EINVAL;
  if (writer.too_long() || writer.size() > stub::kMostMessageBytes) return -E2BIG;
  if (!writer.truncated()) (void)writer.finish();
  return static_cast<long>(writer.size());
}
