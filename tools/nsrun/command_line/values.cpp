#include "tools/nsrun/command_line/values.h"

namespace nsrun {

bool parse_user(const char* text, UserIds& ids) {
  constexpr int64_t kMost = 0xfffffffe;  // 4294967295 means "no id"
  const char* cursor = text;
  const sys::Number uid = sys::take_decimal(cursor, kMost);
  if (!uid.valid) return false;
  ids.uid = ids.gid = static_cast<unsigned>(uid.value);
  if (*cursor == '\0') return true;
  if (*cursor++ != ':') return false;
  const sys::Number gid = sys::take_decimal(cursor, kMost);
  if (!gid.valid) return false;
  ids.gid = static_cast<unsigned>(gid.value);
  while (*cursor == ',') {
    const sys::Number group = sys::take_decimal(++cursor, kMost);
    if (!group.valid || ids.group_count == UserIds::kMostGroups) return false;
    ids.groups[ids.group_count++] = static_cast<unsigned>(group.value);
  }
  return *cursor == '\0';
}

namespace {

// The resources of setrlimit(2), indexed by their number, which is the same on all our machines.
constexpr char kResources[] =
    "cpu\0fsize\0data\0stack\0core\0rss\0nproc\0nofile\0memlock\0as\0locks\0sigpending\0msgqueue\0"
    "nice\0rtprio\0rttime";
constexpr unsigned kResourceCount = 16;

// Takes a number, or "unlimited", and moves the cursor past it.
bool take_limit(const char*& cursor, uint64_t& limit) {
  constexpr sys::Text kUnlimited = "unlimited";
  if (sys::Text::of(cursor).starts_with(kUnlimited)) {
    cursor += kUnlimited.size();
    limit = ~uint64_t{0};
    return true;
  }
  const sys::Number number = sys::take_decimal(cursor, __INT64_MAX__ / 10 - 9);
  limit = static_cast<uint64_t>(number.value);
  return number.valid;
}

}  // namespace

bool parse_resource_limit(const char* text, ResourceLimit& limit) {
  const size_t size = sys::Text::of(text).find('=');
  const sys::FixedString<16> name(sys::Text(text, size));
  while (limit.resource < kResourceCount &&
         !sys::same(name.c_str(), sys::entry(kResources, limit.resource))) {
    ++limit.resource;
  }
  if (limit.resource == kResourceCount || text[size] != '=') return false;
  const char* cursor = text + size + 1;
  if (!take_limit(cursor, limit.soft)) return false;
  limit.hard = limit.soft;
  if (*cursor == ':' && !take_limit(++cursor, limit.hard)) return false;
  return *cursor == '\0' && limit.soft <= limit.hard;
}

sys::Number parse_mode(const char* text) {
  constexpr int64_t kMost = 07777;
  sys::Number mode;
  for (; *text >= '0' && *text <= '7'; ++text) {
    mode.value = mode.value * 8 + (*text - '0');
    mode.valid = true;
    if (mode.value > kMost) return {};
  }
  return *text == '\0' ? mode : sys::Number{};
}

int parse_descriptor(const char* text) {
  return static_cast<int>(sys::take_decimal(text, __INT_MAX__).value);
}

}  // namespace nsrun
