// The caller's signal settings, which COMMAND must get unchanged.
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

/// What nsrun changes in its signal settings. The container's first process inherits the change, so
/// that a signal that comes during the set-up stays pending. It restores the caller's settings
/// last, before it executes COMMAND.
class InheritedSignals {
 public:
  InheritedSignals() = default;

  /// Blocks the signals that are read as data, and sets SIGCHLD to its default action: if the
  /// caller ignores SIGCHLD, the kernel reaps children by itself and wait(2) cannot return their
  /// status. The first call remembers the settings that were there before.
  void block(sys::SignalSet watched) {
    const sys::SignalSet mask = check(sys::signal_mask(SIG_BLOCK, watched), "rt_sigprocmask");
    const auto of_children = check(sys::exchange_signal_action(SIGCHLD, {}), "rt_sigaction");
    if (known_) return;
    mask_ = mask;
    children_ignored_ = of_children.handler == sys::SignalAction::kIgnore;
    known_ = true;
  }
  /// Does nothing if nothing has been blocked.
  void restore() const {
    if (!known_) return;
    sys::SignalAction of_children;
    of_children.handler = children_ignored_ ? sys::SignalAction::kIgnore : 0;
    check(sys::exchange_signal_action(SIGCHLD, of_children), "rt_sigaction");
    check(sys::signal_mask(SIG_SETMASK, mask_), "rt_sigprocmask");
  }
  /// The signals that restore() unblocks.
  [[nodiscard]] sys::SignalSet unblocked() const {
    return known_ ? sys::SignalSet{~mask_.bits} : sys::SignalSet{};
  }

  /// Appends "MASK,MASK,IGNORED": the two halves of the mask, and whether SIGCHLD is ignored. For a
  /// process that this one executes.
  void append(sys::StringBuilder& text) const {
    text << static_cast<int64_t>(mask_.bits >> 32) << ","
         << static_cast<int64_t>(mask_.bits & 0xffffffff) << "," << (children_ignored_ ? 1 : 0);
  }
  /// Reads what append() wrote. After an empty text, restore() does nothing.
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
