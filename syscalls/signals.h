// Signals: masks, actions, and waiting for a signal. signal(7).
#pragma once

#include "syscalls/fd.h"

namespace sys {

/// rt_sigprocmask(2): `how` is SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK. Returns the old mask.
inline Result<SignalSet> signal_mask(int how, SignalSet set) {
  SignalSet before;
  const Result<void> done = call<void>(__NR_rt_sigprocmask, how, &set, &before, sizeof(SignalSet));
  if (!done) return done.error();
  return before;
}

/// Removes one pending blocked signal of the set, without waiting: rt_sigtimedwait(2) with a
/// timeout of 0. EAGAIN: none is pending.
inline Result<int> take_pending_signal(SignalSet set) {
  const Time now{};
  return call_again<int>(arch::kRtSigtimedwait, &set, nullptr, &now, sizeof(SignalSet));
}

/// Waits for a blocked signal of the set and removes it: rt_sigtimedwait(2) without a timeout.
/// EINTR: a signal outside the set came.
inline Result<int> wait_signal(SignalSet set) {
  return call<int>(arch::kRtSigtimedwait, &set, nullptr, nullptr, sizeof(SignalSet));
}

/// The same, for at most `wait` nanoseconds. EAGAIN: none came in time.
inline Result<int> wait_signal_for(SignalSet set, int64_t wait) {
  const Time limit{wait / 1'000'000'000, wait % 1'000'000'000};
  return call<int>(arch::kRtSigtimedwait, &set, nullptr, &limit, sizeof(SignalSet));
}

/// signalfd4(2): each read returns a 128-byte struct signalfd_siginfo, which begins with the
/// signal's number.
inline Result<Fd> signalfd(SignalSet set) {
  constexpr int kNonBlocking = O_NONBLOCK;  // SFD_NONBLOCK, SFD_CLOEXEC: the same values
  return call<Fd>(__NR_signalfd4, -1, &set, sizeof(SignalSet), kNonBlocking | O_CLOEXEC);
}

/// Reads the number of the next signal from a signalfd. EAGAIN: there is none.
inline Result<int> read_signal(int fd) {
  unsigned char info[128];  // struct signalfd_siginfo of <linux/signalfd.h>; ssi_signo comes first
  const auto size = call_again<size_t>(__NR_read, fd, info, sizeof info);
  if (!size) return size.error();
  int number = 0;
  __builtin_memcpy(&number, info, sizeof number);
  return number;
}

/// The kernel's struct sigaction: what a process does with a signal. Default: SIG_DFL, no flags, an
/// empty mask.
struct SignalAction {
  static constexpr unsigned long kIgnore = 1;  ///< SIG_IGN as a handler; larger ones are functions
  unsigned long handler = 0;
  unsigned long flags_restorer[2] = {};
  unsigned long mask[sizeof(SignalSet) / sizeof(long)] = {};
};

/// rt_sigaction(2): returns the old action.
inline Result<SignalAction> exchange_signal_action(int signal, const SignalAction& action) {
  SignalAction before;
  const auto done = call<void>(__NR_rt_sigaction, signal, &action, &before, sizeof(SignalSet));
  if (!done) return done.error();
  return before;
}

/// Returns the action of a signal.
inline Result<SignalAction> signal_action(int signal) {
  SignalAction action;
  const auto done = call<void>(__NR_rt_sigaction, signal, nullptr, &action, sizeof(SignalSet));
  if (!done) return done.error();
  return action;
}

/// Resets a signal to its default action.
inline Result<void> reset_signal(int signal) {
  const SignalAction by_default;
  return call<void>(__NR_rt_sigaction, signal, &by_default, nullptr, sizeof(SignalSet));
}

}  // namespace sys
