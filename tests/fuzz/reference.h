// A second parser of the bootstrap message, to compare the stub's with. It is as simple as possible
// and was written only from docs/protocol.md.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fuzz {

/// The content of a message. A text that was not sent is empty, because the stub treats both the
/// same, except oom_score_adj.
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

/// Returns nothing if the message must be refused.
std::optional<Wanted> read_message(const std::string& attributes, Meaning27290 meaning);
/// Returns a message with this content.
std::string write_message(const Wanted& wanted);

}  // namespace fuzz
