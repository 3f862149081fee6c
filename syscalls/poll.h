// Waiting for several fds, and clocks.
#pragma once

#include "syscalls/result.h"
#include "syscalls/text.h"

namespace sys {

/// ppoll(2) without a timeout: returns how many entries have `revents` set. POLLHUP and POLLERR are
/// always reported.
inline Result<int> poll(Span<PollEntry> entries) {
  return call_again<int>(arch::kPpoll, entries.data, entries.size, nullptr, nullptr, 0);
}

/// The same, for at most `wait` nanoseconds; 0 does not wait. Returns 0 if the time ran out.
inline Result<int> poll_for(Span<PollEntry> entries, int64_t wait) {
  const Time limit{wait / 1'000'000'000, wait % 1'000'000'000};
  return call<int>(arch::kPpoll, entries.data, entries.size, &limit, nullptr, 0);
}

/// clock_gettime(2), in nanoseconds.
inline int64_t nanoseconds(int clock) {
  Time now{};
  (void)raw(arch::kClockGettime, clock, &now);
  return now.seconds * 1'000'000'000 + now.nanoseconds;
}

}  // namespace sys
