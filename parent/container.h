// Shared by the functions that work on struct nsexec_container.
#pragma once

#include "parent/nsexec_parent.h"
#include "syscalls/errno_names.h"
#include "syscalls/fd.h"
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

/// Closes the descriptor in a member.
inline void close_member(int& fd) {
  if (fd >= 0) (void)sys::close(fd);
  fd = -1;
}

}  // namespace parent
