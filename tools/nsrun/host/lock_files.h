// --lock-file: locks on the container's files, held while it runs.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Read locks of fcntl(2). They belong to the nsrun process, so they end with it. The container's
/// first process opens the files in its root, and sends them in the order of the options.
class LockFiles {
 public:
  /// Locks the next file. Returns the errno if that fails; name() is then its path.
  sys::Errno take(const Options& options, sys::Fd file);
  [[nodiscard]] const char* name() const { return name_; }

 private:
  int count_ = 0;
  const char* name_ = "";
};

}  // namespace nsrun
