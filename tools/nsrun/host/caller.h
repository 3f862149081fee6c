// --die-with-parent: the process that nsrun was started by.
#pragma once

#include "stub/initial_stack.h"
#include "syscalls/fd.h"

namespace nsrun {

/// Notices the end of the caller's process, and not that of the thread that has started nsrun: by a
/// pidfd (Linux 5.3). Where there can be none (an older kernel, a caller outside of our pid
/// namespace) the kernel kills nsrun with the thread (PR_SET_PDEATHSIG), and nsrun's end is then
/// the container's (container/process.h).
class Caller {
 public:
  /// Ends nsrun if the caller has ended since nsrun was started.
  void open(const stub::InitialStack& stack);
  /// Readable once it has ended; -1: nothing to wait for.
  [[nodiscard]] int get() const { return pidfd_.get(); }
  /// It has ended, and that has been dealt with.
  void forget() { pidfd_.reset(); }

 private:
  sys::Fd pidfd_;
};

}  // namespace nsrun
