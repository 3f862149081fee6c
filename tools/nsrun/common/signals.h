// Signals as the caller has left them, which are the command's to find so.
#pragma once

#include "syscalls/signals.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

/// Whether a signal's default action is to end the process (signal(7)).
constexpr bool ends_by_default(int signal) {
  constexpr int kHarmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU};
  for (const int harmless : kHarmless) {
    if (signal == harmless) return false;
  }
  return true;
}

/// What nsrun changes of its signals. The container's first process inherits the change, so that a
/// signal that comes while it sets the container up stays pending, and gives the caller's own back
/// last, before it executes the command.
class InheritedSignals {
 public:
  InheritedSignals() = default;

  /// Blocks what is to be read as data. Children are to be waited for, too: a caller that ignores
  /// SIGCHLD would have the kernel reap them with no word to us (wait(2)). The first call remembers
  /// what was there before.
  void block(sys::SignalSet watched) {
    const sys::SignalSet mask = check(sys::signal_mask(SIG_BLOCK, watched), "rt_sigprocmask");
    const auto of_children = check(sys::exchange_signal_action(SIGCHLD, {}), "rt_sigaction");
    if (known_) return;
    mask_ = mask;
    children_ignored_ = of_children.handler == sys::SignalAction::kIgnore;
    known_ = true;
  }
  /// Does nothing where nothing has been blocked.
  void restore() const {
    if (!known_) return;
    sys::SignalAction of_children;
    of_children.handler = children_ignored_ ? sys::SignalAction::kIgnore : 0;
    check(sys::exchange_signal_action(SIGCHLD, of_children), "rt_sigaction");
    check(sys::signal_mask(SIG_SETMASK, mask_), "rt_sigprocmask");
  }
  /// What restore() unblocks.
  [[nodiscard]] sys::SignalSet unblocked() const {
    return known_ ? sys::SignalSet{~mask_.bits} : sys::SignalSet{};
  }

  /// "MASK,MASK,IGNORED": the halves of the mask, and whether SIGCHLD is ignored. For a process
  /// that this one executes.
  void append(sys::StringBuilder& text) const {
    text << static_cast<int64_t>(mask_.bits >> 32) << ","
         << static_cast<int64_t>(mask_.bits & 0xffffffff) << "," << (children_ignored_ ? 1 : 0);
  }
  /// The same, read. An empty text: nothing is known, nothing will be restored.
  void read(const char* text) {
    const char* cursor = text;
    const auto next = [&] {
      const sys::Number number = sys::take_decimal(cursor, 0xffffffff);
      if (*cursor == ',') ++cursor;
      known_ = number.valid;
      return static_cast<uint64_t>(number.value);
    };
    const uint64_t high = next();
    mask_ = {high << 32 | next()};
    children_ignored_ = next() == 1;
  }

 private:
  bool known_ = false;
  bool children_ignored_ = false;
  sys::SignalSet mask_;
};

}  // namespace nsrun
