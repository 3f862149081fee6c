// --seccomp.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// --seccomp: the filters, each read from its fd, which is closed.
class SeccompFilters {
 public:
  /// Reads them, if there are any to read.
  explicit SeccompFilters(const Options& options);
  /// From here on only what all of them allow. The last thing before execve(2). They are installed
  /// in the order given, so that each must allow prctl(2) for those that come after it.
  void install() const;

 private:
  struct Filter;
  void read(const Option& option, Filter& filter);

  sys::Mapping memory_;
  size_t count_ = 0;
};

}  // namespace nsrun
