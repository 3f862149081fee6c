// The bootstrap message once more, read in the simplest way there is and written from
// docs/protocol.md alone, to compare the stub's parser with.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fuzz {

/// What a message says. A text that was not sent is empty, as nothing distinguishes the two later
/// on, but for oom_score_adj.
struct Wanted {
  unsigned clone_flags = 0;
  std::vector<std::pair<unsigned, std::string>> namespaces;  ///< CLONE_NEW* and the path
  std::string uid_map;
  std::string gid_map;
  std::optional<std::string> oom_score_adj;
  std::string uid_map_tool;
  std::string gid_map_tool;
  std::string time_offsets;
  std::vector<std::string> mount_sources;
  bool setgroups = false;
  bool rootless = false;

  bool operator==(const Wanted&) const = default;
};

enum class Meaning27290 { kTimeOffsets, kMountSources, kUnknown };

/// Nothing: the message must be refused.
std::optional<Wanted> read_message(const std::string& attributes, Meaning27290 meaning);
/// A message that says that.
std::string write_message(const Wanted& wanted);

}  // namespace fuzz
