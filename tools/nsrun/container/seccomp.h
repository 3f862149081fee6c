// --seccomp.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// --seccomp: the filter, read from its fd, which is closed.
class SeccompFilter {
 public:
  /// Reads it, if there is one to read.
  explicit SeccompFilter(const Options& options);
  /// From here on only what it allows. The last thing before execve(2).
  void install() const;

 private:
  sys::Mapping instructions_;
  size_t size_ = 0;
};

}  // namespace nsrun
