// The bootstrap message: what the parent asks for. docs/protocol.md has the format. Parsing makes
// no system call and copies nothing. The result points into the message.
#pragma once

#include "stub/dialect.h"
#include "syscalls/namespaces.h"
#include "syscalls/text.h"

namespace stub {

/// struct nlmsghdr of <linux/netlink.h>.
struct MessageHeader {
  uint32_t length;  ///< of the whole message, including this header
  uint16_t type;
  uint16_t flags;
  uint32_t sequence;
  uint32_t port;
};

inline constexpr uint16_t kMessageTypeInit = 62000;
inline constexpr uint16_t kMessageTypeError = 2;  // NLMSG_ERROR
inline constexpr uint32_t kMostMessageBytes = 16 << 20;

enum class Attribute : uint16_t {
  kCloneFlags = 27281,
  kNamespacePaths = 27282,
  kUidMap = 27283,
  kGidMap = 27284,
  kSetgroups = 27285,
  kOomScoreAdj = 27286,
  kRootless = 27287,
  kUidMapTool = 27288,
  kGidMapTool = 27289,
  kTimeOffsetsOrMountSources = 27290,
};

/// The most namespaces that one message may ask to join. There are eight types.
inline constexpr size_t kMostNamespacePaths = 32;

/// One entry of the list of namespaces to join: "type:path", with a NUL in place of the comma.
struct NamespacePath {
  const char* text;

  [[nodiscard]] unsigned flag() const { return sys::namespace_flag(text, ':'); }
  [[nodiscard]] const char* path() const {
    const char* colon = text;
    while (*colon != ':') ++colon;
    return colon + 1;
  }
  [[nodiscard]] NamespacePath next() const { return {sys::entry(text, 1)}; }
};

/// The checked contents of the message. A text that was not sent is null; one that was sent may be
/// empty.
struct Bootstrap {
  NamespacePath namespace_paths;  ///< the first of `namespace_count`
  size_t namespace_count;
  const char* uid_map;
  const char* gid_map;
  const char* oom_score_adj;
  const char* uid_map_tool;
  const char* gid_map_tool;
  const char* time_offsets;
  const char* mount_sources;      ///< each followed by a NUL
  const char* mount_sources_end;  ///< the byte after the last one's NUL
  unsigned clone_flags;
  bool setgroups;
  bool rootless;
};

/// Whether a text was sent and is not empty.
inline bool is_given(const char* text) { return text != nullptr && *text != '\0'; }

/// Why a message is invalid.
struct Malformed {
  const char* reason;
  const char* field;  ///< which part of the message
  const char* text;   ///< the offending value, if it is text; otherwise
  long number;        ///< the offending number
};

/// Parses a message in parts. A function returns false if the message is invalid; malformed() then
/// says why.
class BootstrapParser {
 public:
  BootstrapParser(const Dialect& dialect, Bootstrap& result) : dialect_(dialect), result_(result) {}

  /// Parses the header.
  bool header(const MessageHeader& header);
  /// Parses everything after the header. It NUL-terminates texts in place, so the bytes change.
  bool attributes(sys::Span<char> rest);
  /// Whether _LIBCONTAINER_MOUNT_FDS matches the mount sources: the same number, and -1 exactly for
  /// each empty source.
  bool mount_fds(const char* fds);

  [[nodiscard]] const Malformed& malformed() const { return malformed_; }

 private:
  bool attribute(unsigned type, sys::Span<char> payload);
  bool text(sys::Span<char> payload, const char*& value);
  bool boolean(sys::Span<char> payload, bool& value);
  bool clone_flags(sys::Span<char> payload);
  bool namespace_paths(sys::Span<char> payload);
  bool id_map(sys::Span<char> payload, const char*& value);
  bool oom_score_adj(sys::Span<char> payload);
  bool time_offsets_or_mount_sources(sys::Span<char> payload);
  bool refuse(const char* reason, const char* text, size_t number = 0);

  const Dialect& dialect_;
  Bootstrap& result_;
  Malformed malformed_{};
};

/// Reads the next number of _LIBCONTAINER_MOUNT_FDS, a JSON array of integers, and moves `cursor`
/// past it. `cursor` starts at the "[" and ends at the "]". Not valid if this is no such array.
sys::Number next_mount_fd(const char*& cursor);

}  // namespace stub
