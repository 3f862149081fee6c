// --seccomp.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// --seccomp: the filters. Each is read from its fd, which is then closed.
class SeccompFilters {
 public:
  /// Reads the filters, if the options name any.
  explicit SeccompFilters(const Options& options);
  /// Installs the filters; from then on only system calls that all of them allow work. Must be the
  /// last step before execve(2). They are installed in the order given, so each must allow prctl(2)
  /// for the next one.
  void install() const;

 private:
  struct Filter;
  void read(const Option& option, Filter& filter);

  sys::Mapping memory_;
  size_t count_ = 0;
};

}  // namespace nsrun
