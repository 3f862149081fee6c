// Signals that the caller sends to nsrun: they are the command's.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/process.h"
#include "syscalls/signals.h"

namespace nsrun {

/// What nsrun blocks and reads as data. SIGTSTP is for nsrun and the command (job_control.h); what
/// stops a program that uses its terminal in the background is for nsrun itself; SIGCHLD is news of
/// a child; all else is the command's.
constexpr sys::SignalSet watched_signals() {
  return sys::SignalSet::all()
      .without(SIGTTIN)
      .without(SIGTTOU)
      .without(SIGSEGV)
      .without(SIGBUS)
      .without(SIGILL)
      .without(SIGFPE)
      .without(SIGTRAP)
      .without(SIGSYS);
}

/// Reads them, and keeps those that come before the container's process is known.
class ForwardedSignals {
 public:
  void open();
  [[nodiscard]] int get() const { return fd_.get(); }

  /// The next one; 0: there is none.
  [[nodiscard]] int next() const;
  void keep(int signal) { kept_ = kept_.with(signal); }
  /// The next of those that were kept; 0: there is none.
  [[nodiscard]] int take_kept() {
    if (kept_.bits == 0) return 0;
    const int signal = __builtin_ctzll(kept_.bits) + 1;
    kept_ = kept_.without(signal);
    return signal;
  }

 private:
  sys::Fd fd_;
  sys::SignalSet kept_;
};

}  // namespace nsrun
