// The last step: executes the command.
#pragma once

#include "tools/nsrun/container/environment.h"

namespace nsrun {

/// Does what execvp(3) does: looks for `name` in PATH if it has no slash, and runs a script without
/// a "#!" line by /bin/sh. Returns the error if it cannot be executed. `command` is part of an
/// argument vector with room for one pointer before it; the command sees its first entry as its
/// name.
///
/// `may_look`: whether a file that cannot be executed may be read, to see whether it is a script. A
/// filter that COMMAND asked for may forbid that.
sys::Errno execute(const char* name, const char* const* command,
                   const CommandEnvironment& environment, bool may_look);

/// The files that a command's name can mean, one for each directory of PATH.
class Candidates {
 public:
  Candidates(const char* name, const CommandEnvironment& environment);
  /// The next one; null at the end.
  const char* next();

 private:
  const char* name_;
  sys::Splitter directories_;
  sys::Path file_;
};

/// Whether a command's name is a path, for which PATH is not searched.
inline bool is_path(const char* name) { return *name == '\0' || sys::Text::of(name).contains('/'); }

}  // namespace nsrun
