// The kernel's own constants and structures.
//
// In the stub they come from the Linux UAPI headers. In a hosted program (tests, benchmarks, the
// parent's side) libc's headers define many of the same names, and both cannot be included
// together. So libc's are used there; the values are the same. Structures that differ are declared
// here in the kernel's layout.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>
#else
#include <asm/errno.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <asm/socket.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>
#include <linux/time.h>
#endif

#include <asm/unistd.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/sched.h>

#include "syscalls/compat.h"

namespace sys {

/// st_ctime, whose nanoseconds libc and the kernel name differently.
inline long change_seconds(const struct stat& status) { return static_cast<long>(status.st_ctime); }
inline unsigned long change_nanoseconds(const struct stat& status) {
#if __STDC_HOSTED__
  return static_cast<unsigned long>(status.st_ctim.tv_nsec);
#else
  return static_cast<unsigned long>(status.st_ctime_nsec);
#endif
}

/// struct iovec of <linux/uio.h>, which glibc's headers define too.
struct IoVector {
  void* base;
  size_t size;
};

/// struct user_msghdr: kernel-internal, described in recvmsg(2). Sizes are size_t, even if POSIX
/// says socklen_t.
struct MessageHeader {
  void* name;
  int name_size;
  IoVector* pieces;
  size_t piece_count;
  void* control;
  size_t control_size;
  unsigned flags;
};

/// struct cmsghdr: cmsg(3).
struct ControlHeader {
  size_t size;
  int level;
  int type;
};

/// The kernel's signal set: 64 signals on every machine (_NSIG), one bit each.
struct SignalSet {
  uint64_t bits = 0;

  static constexpr SignalSet of(int signal) { return {uint64_t{1} << (signal - 1)}; }
  static constexpr SignalSet all() { return {~uint64_t{0}}; }
  [[nodiscard]] constexpr bool has(int signal) const { return (bits & of(signal).bits) != 0; }
  [[nodiscard]] constexpr SignalSet with(int signal) const { return {bits | of(signal).bits}; }
  [[nodiscard]] constexpr SignalSet without(int signal) const { return {bits & ~of(signal).bits}; }
};

/// struct __kernel_timespec of <linux/time_types.h>.
struct Time {
  int64_t seconds;
  int64_t nanoseconds;
};

/// struct pollfd of poll(2).
struct PollEntry {
  int fd;
  short events;
  short revents;
};

}  // namespace sys
