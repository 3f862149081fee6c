// The numbers and sizes of nsrun's command line, and what it reads from a terminal:
// tools/nsrun/command_line/values.cpp, tools/nsrun/host/escape.h.
#include "tools/nsrun/command_line/values.cpp"

#include "proofs/parsers/harness.h"
#include "tools/nsrun/host/escape.h"

namespace {
constexpr size_t kSize = N;
}

// UID[:GID[,GROUP]...] of kSize characters, after any number of groups.
extern "C" void nsrun_user() {
  const char* const text = proof::any_string(kSize);
  nsrun::UserIds ids;
  const size_t before = proof::any_size(0, nsrun::UserIds::kMostGroups);
  ids.group_count = before;
  const bool good = nsrun::parse_user(text, ids);
  PROVE(ids.group_count <= nsrun::UserIds::kMostGroups);
  size_t colons = 0;
  size_t commas = 0;
  bool known = true;
  for (size_t i = 0; i < kSize; ++i) {
    colons += text[i] == ':';
    commas += text[i] == ',';
    known = known && ((text[i] >= '0' && text[i] <= '9') || text[i] == ':' || text[i] == ',');
  }
  if (!good) return;
  PROVE(known && kSize != 0 && colons <= 1 && (commas == 0 || colons == 1));
  PROVE(text[kSize - 1] >= '0' && text[kSize - 1] <= '9');
  PROVE(ids.group_count == before + commas);
}

extern "C" void nsrun_mode() {
  const char* const text = proof::any_string(kSize);
  const sys::Number mode = nsrun::parse_mode(text);
  int64_t value = 0;
  bool valid = kSize != 0;
  for (size_t i = 0; i < kSize; ++i) {
    valid = valid && text[i] >= '0' && text[i] <= '7';
    if (valid) value = value << 3 | (text[i] & 7);
    valid = valid && value <= 07777;
  }
  PROVE(mode.valid == valid);
  if (valid) PROVE(mode.value == value);
}

extern "C" void nsrun_path_depth() {
  const char* const path = proof::any_string(kSize);
  const unsigned depth = nsrun::depth_of(path);
  PROVE(depth <= (kSize + 1) / 2);
  if (kSize == 2 && path[0] == '.' && path[1] == '.') PROVE(depth == 0);
  if (kSize == 1 && path[0] != '/' && path[0] != '.') PROVE(depth == 1);
}

extern "C" void nsrun_base_name() {
  const char* const path = proof::any_string(kSize);
  const sys::Text name = nsrun::base_name(path);
  PROVE(name.data() >= path && name.data() + name.size() == path + kSize);
  PROVE(!name.contains('/') && (name.data() == path || name.data()[-1] == '/'));
}

// kSize bytes from a terminal, in any state of the filter. The rest needs one byte more.
extern "C" void nsrun_escape() {
  nsrun::EscapeFilter filter;
  filter.is_held_ = nondet_bool();
  filter.at_line_start_ = nondet_bool();
  const auto* typed = reinterpret_cast<const unsigned char*>(proof::any_bytes(kSize));
  auto* passed = reinterpret_cast<unsigned char*>(proof::any_bytes(kSize + 1));
  size_t size = nondet_unsigned_long();
  const bool held = filter.is_held_;
  const auto found = filter.filter({typed, kSize}, passed, size);
  PROVE(size <= kSize + 1);
  if (kSize == 0) PROVE(size == 0 && filter.is_held_ == held && !found.end && !found.suspend);
}

// NAME=SOFT[:HARD] of kSize characters.
extern "C" void nsrun_limit() {
  const char* const text = proof::any_string(kSize);
  nsrun::ResourceLimit limit;
  const bool good = nsrun::parse_resource_limit(text, limit);
  PROVE(limit.resource <= 16);
  if (good) PROVE(limit.resource < 16 && limit.soft <= limit.hard);
  size_t equal = 0;
  while (equal < kSize && text[equal] != '=') ++equal;
  if (good) PROVE(equal >= 2 && equal <= 10 && equal + 1 < kSize);
}
