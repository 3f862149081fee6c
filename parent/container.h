// Shared by the functions that work on struct nsexec_container.
#pragma once

#include "parent/nsexec_parent.h"
#include "syscalls/errno_names.h"
#include "syscalls/fd.h"
#include "syscalls/file.h"
#include "syscalls/process.h"

namespace parent {

/// Writes to container.failure what failed, and returns the negated errno.
[[gnu::cold]] inline int fail(nsexec_container& container, const char* call, const char* object,
                              sys::Errno error) {
  sys::StringBuilder text({container.failure, sizeof container.failure});
  text << call;
  if (object != nullptr) text << " " << object;
  text << ": " << sys::ErrnoText(error).c_str();
  return -error.number;
}

/// Waits until one process of the container ends, and sets its pid to 0.
inline sys::Result<int> reap(int& pid) {
  const auto ended = sys::wait(pid, __WALL);
  pid = 0;
  if (!ended) return ended.error();
  return ended.value().status;
}

/// Lower descriptors are the standard streams. A container never has one of them as its own, so a
/// structure of zeros has no descriptors.
inline constexpr int kFirstDescriptor = 3;

/// Whether a member holds a descriptor.
inline bool is_open(int fd) { return fd >= kFirstDescriptor; }

/// Moves a descriptor to a number above 2. It gets a lower one if the caller has closed its
/// standard streams. There it would be a standard stream of the program, and before_exec could
/// replace it.
inline sys::Result<void> move_above_streams(sys::Fd& fd) {
  if (is_open(fd.get())) return {};
  const auto moved = sys::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstDescriptor);
  if (!moved) return moved.error();
  fd = sys::Fd(moved.value());
  return {};
}

/// Closes the descriptor in a member.
inline void close_member(int& fd) {
  if (is_open(fd)) (void)sys::close(fd);
  fd = -1;
}

}  // namespace parent
