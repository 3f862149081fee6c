#include "stub/bootstrap.h"

namespace stub {

using sys::Span;

namespace {

constexpr size_t kAttributeHeader = 4;

// Attribute names by type, from kFirstAttribute on. The last one is for unknown types.
constexpr unsigned kFirstAttribute = 27281;
constexpr unsigned kAttributes = 10;
constexpr char kAttributeNames[] =
    "clone flags\0namespace paths\0uid map\0gid map\0setgroups\0oom_score_adj\0rootless\0"
    "uid map tool\0gid map tool\0time offsets\0attribute";

// Reads an unaligned integer in native byte order.
template <class T>
T read_integer(Span<char> bytes) {
  T value;
  __builtin_memcpy(&value, bytes.data, sizeof value);
  return value;
}

void skip_spaces(const char*& cursor) {
  while (*cursor == ' ') ++cursor;
}

// user_namespaces(7): lines of three decimal numbers. As in the kernel, only the last line may lack
// its newline.
bool is_id_map(const char* map) {
  while (*map != '\0') {
    for (int field = 0; field < 3; ++field) {
      skip_spaces(map);
      if (!sys::take_decimal(map, 0xffffffff).valid) return false;
    }
    skip_spaces(map);
    if (*map == '\n') {
      ++map;
    } else if (*map != '\0') {
      return false;
    }
  }
  return true;
}

const char* attribute_name(unsigned type) {
  const unsigned index = type - kFirstAttribute;
  return sys::entry(kAttributeNames, index < kAttributes ? index : kAttributes);
}

}  // namespace

bool BootstrapParser::header(const MessageHeader& header) {
  malformed_.field = "type";
  if (header.type == kMessageTypeError) {
    return refuse("the parent has failed", nullptr, header.type);
  }
  if (header.type != kMessageTypeInit) return refuse("not 62000", nullptr, header.type);
  malformed_.field = "length";
  if (header.length < sizeof header) return refuse("under 16", nullptr, header.length);
  if (header.length > kMostMessageBytes) return refuse("over 16 MiB", nullptr, header.length);
  return true;
}

bool BootstrapParser::attributes(Span<char> rest) {
  while (!rest.empty()) {
    size_t length = rest.size;
    unsigned type = 0;
    if (length >= kAttributeHeader) {
      length = read_integer<uint16_t>(rest);
      type = read_integer<uint16_t>(rest.from(2));
    }
    malformed_.field = attribute_name(type);
    if (length < kAttributeHeader) return refuse("length is under 4", nullptr, length);
    if (length > rest.size) return refuse("length is past the end", nullptr, length);
    if (!attribute(type, rest.first(length).from(kAttributeHeader))) return false;
    // The last attribute's padding may be missing.
    const size_t padded = (length + 3) & ~size_t{3};
    rest = rest.from(padded < rest.size ? padded : rest.size);
  }
  return true;
}

bool BootstrapParser::refuse(const char* reason, const char* text, size_t number) {
  malformed_.reason = reason;
  malformed_.text = text;
  malformed_.number = static_cast<long>(number);
  return false;
}

bool BootstrapParser::attribute(unsigned type, Span<char> payload) {
  switch (static_cast<Attribute>(type)) {
    case Attribute::kCloneFlags:
      return clone_flags(payload);
    case Attribute::kNamespacePaths:
      return namespace_paths(payload);
    case Attribute::kUidMap:
      return id_map(payload, result_.uid_map);
    case Attribute::kGidMap:
      return id_map(payload, result_.gid_map);
    case Attribute::kSetgroups:
      return boolean(payload, result_.setgroups);
    case Attribute::kOomScoreAdj:
      return oom_score_adj(payload);
    case Attribute::kRootless:
      return boolean(payload, result_.rootless);
    case Attribute::kUidMapTool:
      return text(payload, result_.uid_map_tool);
    case Attribute::kGidMapTool:
      return text(payload, result_.gid_map_tool);
    case Attribute::kTimeOffsetsOrMountSources:
      return time_offsets_or_mount_sources(payload);
  }
  return refuse("unknown", nullptr, type);
}

// A text may come without a NUL. It is then moved down by one byte, over its own header, which has
// been read already. This makes room for the NUL.
bool BootstrapParser::text(Span<char> payload, const char*& value) {
  if (payload.empty() || payload[payload.size - 1] != '\0') {
    __builtin_memmove(payload.data - 1, payload.data, payload.size);
    payload = {payload.data - 1, payload.size + 1};
    payload[payload.size - 1] = '\0';
  }
  value = payload.data;
  return sys::length(value) + 1 == payload.size ? true : refuse("a NUL inside", value);
}

// Parents write a native integer of four bytes. On a big-endian machine its first byte would be
// wrong.
bool BootstrapParser::boolean(Span<char> payload, bool& value) {
  if (payload.size >= sizeof(uint32_t)) {
    value = read_integer<uint32_t>(payload) != 0;
  } else if (payload.size == 1) {
    value = payload[0] != 0;
  } else {
    return refuse("size is neither 4 nor 1", nullptr, payload.size);
  }
  return true;
}

bool BootstrapParser::clone_flags(Span<char> payload) {
  if (payload.size < sizeof(uint32_t)) {
    return refuse("size is under 4", nullptr, payload.size);
  }
  result_.clone_flags = read_integer<uint32_t>(payload);
  if ((result_.clone_flags & ~sys::kAllNamespaces) == 0) return true;
  return refuse("not only namespaces", nullptr, result_.clone_flags);
}

bool BootstrapParser::namespace_paths(Span<char> payload) {
  const char* list = nullptr;
  if (!text(payload, list)) return false;
  result_.namespace_paths.text = list;
  result_.namespace_count = 0;
  char* cursor = payload.data + (list - payload.data);
  for (;;) {
    const NamespacePath path{cursor};
    while (*cursor != '\0' && *cursor != ',') ++cursor;
    const bool last = *cursor == '\0';
    *cursor++ = '\0';
    if (path.flag() == 0) return refuse("not a type and a colon", path.text);
    if (*path.path() == '\0') return refuse("the path is empty", path.text);
    if (++result_.namespace_count > kMostNamespacePaths) {
      return refuse("too many", nullptr, result_.namespace_count);
    }
    if (last) return true;
  }
}

bool BootstrapParser::id_map(Span<char> payload, const char*& value) {
  if (!text(payload, value)) return false;
  return is_id_map(value) ? true : refuse("not lines of: inside outside count", value);
}

bool BootstrapParser::oom_score_adj(Span<char> payload) {
  if (!text(payload, result_.oom_score_adj)) return false;
  const char* cursor = result_.oom_score_adj;
  const bool valid = sys::take_signed_decimal(cursor, 1000).valid && *cursor == '\0';
  return valid ? true : refuse("not a decimal from -1000 to 1000", result_.oom_score_adj);
}

bool BootstrapParser::time_offsets_or_mount_sources(Span<char> payload) {
  using Meaning = Dialect::Attribute27290;
  if (dialect_.attribute_27290 == Meaning::kUnknown) {
    return refuse("unknown in this dialect", nullptr, 27290);
  }
  if (dialect_.attribute_27290 == Meaning::kTimeOffsets) {
    return text(payload, result_.time_offsets);
  }
  if (payload.empty() || payload[payload.size - 1] != '\0') {
    return refuse("no NUL at the end", nullptr, payload.size);
  }
  result_.mount_sources = payload.data;
  result_.mount_sources_end = payload.end();
  return true;
}

sys::Number next_mount_fd(const char*& cursor) {
  if (*cursor != '[' && *cursor != ',') return {};
  ++cursor;
  skip_spaces(cursor);
  const sys::Number number = sys::take_signed_decimal(cursor, __INT_MAX__);
  skip_spaces(cursor);
  return *cursor == ',' || *cursor == ']' ? number : sys::Number{};
}

bool BootstrapParser::mount_fds(const char* fds) {
  static constexpr char kReason[] = "not one fd for each source";
  malformed_.field = "_LIBCONTAINER_MOUNT_FDS";
  const char* const all = fds;
  const char* source = result_.mount_sources;
  while (source != result_.mount_sources_end) {
    // runc sends the list as one string, with one more NUL at its end.
    if (*fds == ']' && source + 1 == result_.mount_sources_end && *source == '\0') {
      result_.mount_sources_end = source;
      break;
    }
    const sys::Number fd = next_mount_fd(fds);
    if (!fd.valid || fd.value < -1 || (*source == '\0') != (fd.value == -1)) {
      return refuse(kReason, all);
    }
    source += sys::length(source) + 1;
  }
  if (source == nullptr || *fds == ']') return true;
  return refuse(kReason, all);
}

}  // namespace stub
