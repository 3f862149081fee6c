// Values that options have in a form of their own.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// UID[:GID[,GROUP]...], as --user has it.
struct UserIds {
  static constexpr size_t kMostGroups = 32;
  unsigned uid = 0;
  unsigned gid = 0;  ///< where none is given: the number of the user
  unsigned groups[kMostGroups] = {};
  size_t group_count = 0;
};
/// Whether the text has that form.
bool parse_user(const char* text, UserIds& ids);

/// NAME=SOFT[:HARD], as --rlimit has it. `resource` is RLIMIT_*; RLIM_INFINITY is all ones.
struct ResourceLimit {
  unsigned resource = 0;
  uint64_t soft = 0;
  uint64_t hard = 0;
};
bool parse_resource_limit(const char* text, ResourceLimit& limit);

/// How many directories a path leads down from the root, by its text alone: 0 for "/", "/..",
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
/// Whether a path is the root itself, by its text alone.
constexpr bool is_root(const char* path) { return depth_of(path) == 0; }

/// What stands behind the last slash of a path.
inline sys::Text base_name(const char* path) {
  sys::Text name = sys::Text::of(path);
  while (name.contains('/')) name = name.from(name.find('/') + 1);
  return name;
}

/// File modes, as --perms has them: octal digits, at most 07777. Not valid: anything else.
sys::Number parse_mode(const char* text);

/// A file descriptor's number, of an option that Parser::take_descriptor has checked.
int parse_descriptor(const char* text);

}  // namespace nsrun
