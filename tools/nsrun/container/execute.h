// The last step: the command.
#pragma once

#include "tools/nsrun/container/environment.h"

namespace nsrun {

/// execvp(3): a name without a slash is looked for in PATH, and a script that does not say what
/// runs it is run by /bin/sh. `command` is of an argument vector, with room for a pointer before
/// it. Returns if it cannot be executed, and why.
///
/// `may_look`: a file that cannot be executed may be read, to see whether it is a script. A filter
/// that COMMAND is to have may forbid that.
///
/// `name` is what is looked for; the command sees its first argument.
sys::Errno execute(const char* name, const char* const* command,
                   const CommandEnvironment& environment, bool may_look);

/// The files that a command of that name can mean, from the first directory of PATH on.
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

/// Whether PATH is not asked for a command of that name.
inline bool is_path(const char* name) { return *name == '\0' || sys::Text::of(name).contains('/'); }

}  // namespace nsrun
