#include "stub/bootstrap.h"

#include "syscalls/namespaces.h"

namespace stub {

using sys::Span;

namespace {

constexpr size_t kAttributeHeader = 4;

// By type, from kFirstAttribute on. Padded: an array of pointers would want relocation.
constexpr unsigned kFirstAttribute = 27281;
constexpr char kAttributeNames[][16] = {
    "clone flags",   "namespace paths", "uid map",      "gid map",      "setgroups",
    "oom_score_adj", "rootless",        "uid map tool", "gid map tool", "time offsets",
};

// Unaligned, native byte order.
template <class T>
T read_integer(Span<char> bytes) {
  T value;
  __builtin_memcpy(&value, bytes.data, sizeof value);
  return value;
}

void skip_spaces(const char*& cursor) {
  while (*cursor == ' ') ++cursor;
}

// user_namespaces(7): lines of three decimals. The kernel asks for a newline behind each but the
// last, and so do we.
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

}  // namespace

const char* attribute_name(unsigned type) {
  const unsigned index = type - kFirstAttribute;
  return index < sizeof kAttributeNames / sizeof kAttributeNames[0] ? kAttributeNames[index] : "";
}

Malformed check_header(const MessageHeader& header) {
  Malformed malformed{};
  malformed.field = "length";
  malformed.number = header.length;
  if (header.type != kMessageTypeInit) {
    malformed.field = "type";
    malformed.number = header.type;
    malformed.reason = "not 62000";
    if (header.type == kMessageTypeError) malformed.reason = "the parent has failed (NLMSG_ERROR)";
  } else if (header.length < sizeof header) {
    malformed.reason = "under 16";
  } else if (header.length > kMostMessageBytes) {
    malformed.reason = "over 16 MiB";
  }
  return malformed;
}

Malformed BootstrapParser::parse(Span<char> attributes) {
  Span<char> rest = attributes;
  while (!rest.empty()) {
    malformed_.attribute = 0;
    size_t length = rest.size;
    if (length >= kAttributeHeader) {
      length = read_integer<uint16_t>(rest);
      malformed_.attribute = read_integer<uint16_t>(rest.from(2));
    }
    if (length < kAttributeHeader) {
      refuse("attribute length is under 4", nullptr, length);
    } else if (length > rest.size) {
      refuse("attribute length reaches past the end", nullptr, length);
    } else {
      attribute(rest.first(length).from(kAttributeHeader));
    }
    if (malformed_.reason != nullptr) break;
    // The last attribute's padding may be missing.
    const size_t padded = (length + 3) & ~size_t{3};
    rest = rest.from(padded < rest.size ? padded : rest.size);
  }
  return malformed_;
}

bool BootstrapParser::refuse(const char* reason, const char* text, size_t number) {
  malformed_.reason = reason;
  malformed_.text = text;
  malformed_.number = static_cast<long>(number);
  return false;
}

bool BootstrapParser::attribute(Span<char> payload) {
  switch (static_cast<Attribute>(malformed_.attribute)) {
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
  return refuse("unknown attribute", nullptr, malformed_.attribute);
}

// A text is sent with its NUL, or without. Without, it is moved down by one byte, over its own
// header, which has been read: the NUL then has a place that belongs to nobody else.
bool BootstrapParser::text(Span<char> payload, const char*& value) {
  if (payload.empty() || payload[payload.size - 1] != '\0') {
    __builtin_memmove(payload.data - 1, payload.data, payload.size);
    payload = {payload.data - 1, payload.size + 1};
    payload[payload.size - 1] = '\0';
  }
  value = payload.data;
  return sys::length(value) + 1 == payload.size ? true : refuse("a NUL inside", value);
}

// Parents write four bytes, a native integer: its first byte alone would be wrong on a big-endian
// machine.
bool BootstrapParser::boolean(Span<char> payload, bool& value) {
  if (payload.size >= sizeof(uint32_t)) {
    value = read_integer<uint32_t>(payload) != 0;
  } else if (payload.size == 1) {
    value = payload[0] != 0;
  } else {
    return refuse("payload size is neither 4 nor 1", nullptr, payload.size);
  }
  return true;
}

bool BootstrapParser::clone_flags(Span<char> payload) {
  if (payload.size < sizeof(uint32_t)) {
    return refuse("payload size is under 4", nullptr, payload.size);
  }
  result_.clone_flags = read_integer<uint32_t>(payload);
  if ((result_.clone_flags & ~sys::kAllNamespaces) == 0) return true;
  return refuse("bits that are no namespace", nullptr, result_.clone_flags);
}

bool BootstrapParser::namespace_paths(Span<char> payload) {
  const char* list = nullptr;
  if (!text(payload, list)) return false;
  if (*list == '\0') return refuse("the list is empty", list);
  result_.namespace_paths.type = list;
  result_.namespace_count = 0;
  // The colon behind a type and the comma behind a path become NULs.
  char* cursor = payload.data + (list - payload.data);
  do {
    char* const type = cursor;
    while (*cursor != '\0' && *cursor != ':') ++cursor;
    if (*cursor == '\0') return refuse("not of the form type:path", type);
    *cursor++ = '\0';
    char* const path = cursor;
    while (*cursor != '\0' && *cursor != ',') ++cursor;
    if (cursor == path) return refuse("the path is empty", type);
    if (sys::namespace_flag(type) == 0) return refuse("unknown namespace type", type);
    if (++result_.namespace_count > kMostNamespacePaths) {
      return refuse("too many namespaces", nullptr, result_.namespace_count);
    }
    if (*cursor == '\0') return true;
    *cursor++ = '\0';
  } while (true);
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
    return refuse("unknown attribute in this dialect", nullptr, malformed_.attribute);
  }
  if (dialect_.attribute_27290 == Meaning::kTimeOffsets) {
    return text(payload, result_.time_offsets);
  }
  if (payload.empty() || payload[payload.size - 1] != '\0') {
    return refuse("the last mount source has no NUL", nullptr, payload.size);
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

Malformed check_mount_sources(const Bootstrap& bootstrap, const char* fds) {
  Malformed malformed{};
  malformed.field = "_LIBCONTAINER_MOUNT_FDS";
  malformed.text = fds;
  const char* source = bootstrap.mount_sources;
  while (source != bootstrap.mount_sources_end) {
    const sys::Number fd = next_mount_fd(fds);
    if (!fd.valid || fd.value < -1 || (*source == '\0') != (fd.value == -1)) {
      malformed.reason = "not an array of one fd for each mount source, -1 for an empty one";
      return malformed;
    }
    source += sys::length(source) + 1;
  }
  if (source != nullptr && *fds != ']') malformed.reason = "more fds than mount sources";
  return malformed;
}

}  // namespace stub
