// Signals that the caller sends to nsrun, which forwards them to the command.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/process.h"
#include "syscalls/signals.h"

namespace nsrun {

/// The signals that nsrun blocks and reads as data. SIGTSTP is for nsrun and the command
/// (job_control.h), SIGCHLD tells about a child, and all others are forwarded. Not blocked are
/// those that stop nsrun when it uses its terminal in the background, and those of nsrun's own
/// faults.
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

/// Reads the signals, and keeps those that come before the container's process is known.
class ForwardedSignals {
 public:
  void open();
  [[nodiscard]] int get() const { return fd_.get(); }

  /// The next signal; 0: there is none.
  [[nodiscard]] int next() const;
  void keep(int signal) { kept_ = kept_.with(signal); }
  /// The next signal that was kept; 0: there is none.
  [[nodiscard]] int take_kept() {
    // No builtin that counts zero bits: a machine without such an instruction takes it from a
    // library.
    if (kept_.bits == 0) return 0;
    int signal = 1;
    while (!kept_.has(signal)) ++signal;
    kept_ = kept_.without(signal);
    return signal;
  }

 private:
  sys::Fd fd_;
  sys::SignalSet kept_;
};

}  // namespace nsrun
