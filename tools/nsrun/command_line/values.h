// Option values that have a form of their own.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// UID[:GID[,GROUP]...], the value of --user.
struct UserIds {
  static constexpr size_t kMostGroups = 32;
  unsigned uid = 0;
  unsigned gid = 0;  ///< the same as `uid` if none is given
  unsigned groups[kMostGroups] = {};
  size_t group_count = 0;
};
/// Returns false if the text does not have that form.
bool parse_user(const char* text, UserIds& ids);

/// NAME=SOFT[:HARD], the value of --rlimit. `resource` is RLIMIT_*; RLIM_INFINITY is all ones.
struct ResourceLimit {
  unsigned resource = 0;
  uint64_t soft = 0;
  uint64_t hard = 0;
};
bool parse_resource_limit(const char* text, ResourceLimit& limit);

/// How many directories a path leads down from the root, judged by its text: 0 for "/", "/..",
/// "/bin/.." and "//".
constexpr unsigned depth_of(const char* path) {
  unsigned depth = 0;
  for (sys::Splitter names(sys::Text::of(path), '/'); names.more();) {
    const sys::Text name = names.next();
    if (name == "..") {
      depth -= depth == 0 ? 0 : 1;
    } else if (!name.empty() && !(name == ".")) {
      ++depth;
    }
  }
  return depth;
}
/// Whether a path is the root itself, judged by its text.
constexpr bool is_root(const char* path) { return depth_of(path) == 0; }

/// The part of a path after its last slash.
inline sys::Text base_name(const char* path) {
  sys::Text name = sys::Text::of(path);
  while (name.contains('/')) name = name.from(name.find('/') + 1);
  return name;
}

/// Parses a file mode, the value of --perms: octal digits, at most 07777. Anything else is not
/// valid.
sys::Number parse_mode(const char* text);

/// Parses the number of a file descriptor that Parser::take_descriptor has checked.
int parse_descriptor(const char* text);

}  // namespace nsrun
