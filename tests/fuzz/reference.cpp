#include "tests/fuzz/reference.h"

#include <sched.h>

#include <cstdint>
#include <cstring>
#include <map>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

namespace fuzz {

namespace {

const std::map<std::string, unsigned> kTypes = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},       {"pid", CLONE_NEWPID}, {"time", CLONE_NEWTIME},
    {"user", CLONE_NEWUSER},     {"uts", CLONE_NEWUTS},
};

template <class T>
T integer(const std::string& bytes, size_t at) {
  T value{};
  memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
std::string bytes_of(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

using Text = std::optional<std::string>;

// Removes one NUL at the end, if there is one. Any other NUL is an error.
Text text(std::string payload) {
  if (!payload.empty() && payload.back() == '\0') payload.pop_back();
  if (payload.find('\0') != std::string::npos) return {};
  return payload;
}

std::optional<bool> boolean(const std::string& payload) {
  if (payload.size() == 1) return payload[0] != 0;
  if (payload.size() < 4) return {};
  return integer<uint32_t>(payload, 0) != 0;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> pieces(1);
  for (const char c : text) {
    if (c == separator) {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

bool is_number(const std::string& text, uint64_t most) {
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<uint64_t>(c - '0');
    if (value > most) return false;
  }
  return !text.empty();
}

// Lines of three numbers separated by spaces.
bool is_map(const std::string& map) {
  if (map.empty()) return true;
  std::vector<std::string> lines = split(map, '\n');
  if (lines.back().empty()) lines.pop_back();
  for (const std::string& line : lines) {
    std::vector<std::string> numbers;
    for (const std::string& word : split(line, ' ')) {
      if (!word.empty()) numbers.push_back(word);
    }
    if (numbers.size() != 3) return false;
    for (const std::string& number : numbers) {
      if (!is_number(number, 0xffffffff)) return false;
    }
  }
  return true;
}

bool read_attribute(unsigned type, const std::string& payload, Meaning27290 meaning,
                    Wanted& wanted) {
  const auto take = [&](std::string& value) {
    const Text read = text(payload);
    if (read) value = *read;
    return read.has_value();
  };
  const auto take_boolean = [&](bool& value) {
    const auto read = boolean(payload);
    if (read) value = *read;
    return read.has_value();
  };
  switch (type) {
    case 27281: {
      constexpr unsigned kAll = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET |
                                CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUSER | CLONE_NEWUTS;
      if (payload.size() < 4) return false;
      wanted.clone_flags = integer<uint32_t>(payload, 0);
      return (wanted.clone_flags & ~kAll) == 0;
    }
    case 27282: {
      const Text list = text(payload);
      if (!list) return false;
      wanted.namespaces.clear();
      for (const std::string& entry : split(*list, ',')) {
        const size_t colon = entry.find(':');
        if (colon == std::string::npos || colon + 1 == entry.size()) return false;
        const auto found = kTypes.find(entry.substr(0, colon));
        if (found == kTypes.end()) return false;
        wanted.namespaces.emplace_back(found->second, entry.substr(colon + 1));
      }
      return wanted.namespaces.size() <= 32;
    }
    case 27283:
      return take(wanted.uid_map) && is_map(wanted.uid_map);
    case 27284:
      return take(wanted.gid_map) && is_map(wanted.gid_map);
    case 27285:
      return take_boolean(wanted.setgroups);
    case 27286: {
      std::string value;
      if (!take(value)) return false;
      wanted.oom_score_adj = value;
      return is_number(value[0] == '-' ? value.substr(1) : value, 1000);
    }
    case 27287:
      return take_boolean(wanted.rootless);
    case 27288:
      return take(wanted.uid_map_tool);
    case 27289:
      return take(wanted.gid_map_tool);
    case 27290:
      if (meaning == Meaning27290::kUnknown) return false;
      if (meaning == Meaning27290::kTimeOffsets) return take(wanted.time_offsets);
      if (payload.empty() || payload.back() != '\0') return false;
      wanted.mount_sources = split(payload.substr(0, payload.size() - 1), '\0');
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<Wanted> read_message(const std::string& attributes, Meaning27290 meaning) {
  Wanted wanted;
  size_t at = 0;
  while (at < attributes.size()) {
    if (attributes.size() - at < 4) return {};
    const size_t length = integer<uint16_t>(attributes, at);
    const unsigned type = integer<uint16_t>(attributes, at + 2);
    if (length < 4 || length > attributes.size() - at) return {};
    if (!read_attribute(type, attributes.substr(at + 4, length - 4), meaning, wanted)) return {};
    at += (length + 3) / 4 * 4;
  }
  return wanted;
}

std::string write_message(const Wanted& wanted) {
  std::string message;
  const auto add = [&](unsigned type, const std::string& payload) {
    message += bytes_of(static_cast<uint16_t>(payload.size() + 4)) +
               bytes_of(static_cast<uint16_t>(type)) + payload;
    message.append((4 - message.size() % 4) % 4, '\0');
  };
  const auto add_text = [&](unsigned type, const std::string& value) {
    if (!value.empty()) add(type, value + '\0');
  };
  add(27281, bytes_of(uint32_t{wanted.clone_flags}));
  std::string list;
  for (const auto& [flag, path] : wanted.namespaces) {
    for (const auto& [name, its_flag] : kTypes) {
      if (flag == its_flag) list += (list.empty() ? "" : ",") + name + ":" + path;
    }
  }
  add_text(27282, list);
  add_text(27283, wanted.uid_map);
  add_text(27284, wanted.gid_map);
  add(27285, bytes_of(uint32_t{wanted.setgroups}));
  if (wanted.oom_score_adj) add(27286, *wanted.oom_score_adj + '\0');
  add(27287, bytes_of(uint32_t{wanted.rootless}));
  add_text(27288, wanted.uid_map_tool);
  add_text(27289, wanted.gid_map_tool);
  add_text(27290, wanted.time_offsets);
  std::string sources;
  for (const std::string& source : wanted.mount_sources) sources += source + '\0';
  if (!sources.empty()) add(27290, sources);
  return message;
}

}  // namespace fuzz
