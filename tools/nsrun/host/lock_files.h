// --lock-file: locks on files of the container's, held as long as it runs.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Read locks, as fcntl(2) has them: nsrun's own, so that they end with it. The container's first
/// process opens the files, in its root, and sends them in the order of the options.
class LockFiles {
 public:
  /// The next file. Gives the errno where it cannot be locked; name() is its path.
  sys::Errno take(const Options& options, sys::Fd file);
  [[nodiscard]] const char* name() const { return name_; }

 private:
  int count_ = 0;
  const char* name_ = "";
};

}  // namespace nsrun
