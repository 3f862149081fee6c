// --die-with-parent: the process that started nsrun.
#pragma once

#include "stub/initial_stack.h"
#include "syscalls/fd.h"

namespace nsrun {

/// Notices the end of the caller's process, not only of the thread that started nsrun, by a pidfd
/// (Linux 5.3). If there can be none (an older kernel, a caller outside of our pid namespace), the
/// kernel kills nsrun when that thread ends (PR_SET_PDEATHSIG). The container then ends with nsrun
/// (container/process.h).
class Caller {
 public:
  /// Ends nsrun if the caller has already ended.
  void open(const stub::InitialStack& stack);
  /// Readable when the caller has ended; -1: there is nothing to wait for.
  [[nodiscard]] int get() const { return pidfd_.get(); }
  /// Stops watching. Call it after the caller's end has been handled.
  void forget() { pidfd_.reset(); }

 private:
  sys::Fd pidfd_;
};

}  // namespace nsrun
