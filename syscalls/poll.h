// Waiting for several fds at once, and the clocks.
#pragma once

#include "syscalls/result.h"
#include "syscalls/text.h"

namespace sys {

/// ppoll(2) without end: how many entries have something in `revents`. POLLHUP and POLLERR are
/// told whether asked for or not.
inline Result<int> poll(Span<PollEntry> entries) {
  return call_again<int>(__NR_ppoll, entries.data, entries.size, nullptr, nullptr, 0);
}

/// The same, `wait` nanoseconds at most; 0: what is there now. 0 entries: none in time.
inline Result<int> poll_for(Span<PollEntry> entries, int64_t wait) {
  const Time limit{wait / 1'000'000'000, wait % 1'000'000'000};
  return call<int>(__NR_ppoll, entries.data, entries.size, &limit, nullptr, 0);
}

/// clock_gettime(2) as nanoseconds.
inline int64_t nanoseconds(int clock) {
  Time now{};
  (void)raw(__NR_clock_gettime, clock, &now);
  return now.seconds * 1'000'000'000 + now.nanoseconds;
}

}  // namespace sys
