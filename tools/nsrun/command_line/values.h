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

/// The permissions of a file, in octal, up to 07777. Whether the text has that form.
bool parse_mode(const char* text, unsigned& mode);

/// A file descriptor's number, of an option that Parser::take_descriptor has checked.
int parse_descriptor(const char* text);

}  // namespace nsrun
