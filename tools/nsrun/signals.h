// Signals as the caller has left them, which are the command's to find so.
#pragma once

#include "syscalls/signals.h"
#include "tools/nsrun/error.h"

namespace nsrun {

/// What nsrun changes of its signals, and gives back in a child that becomes another program.
class InheritedSignals {
 public:
  /// Blocks what is to be read as data. Children are to be waited for, too: a caller that ignores
  /// SIGCHLD would have the kernel reap them with no word to us (wait(2)).
  void block(sys::SignalSet watched) {
    mask_ = check(sys::signal_mask(SIG_BLOCK, watched), "rt_sigprocmask");
    of_children_ = check(sys::exchange_signal_action(SIGCHLD, {}), "rt_sigaction");
  }
  void restore() const {
    check(sys::exchange_signal_action(SIGCHLD, of_children_), "rt_sigaction");
    check(sys::signal_mask(SIG_SETMASK, mask_), "rt_sigprocmask");
  }

 private:
  sys::SignalSet mask_;
  sys::SignalAction of_children_;
};

}  // namespace nsrun
