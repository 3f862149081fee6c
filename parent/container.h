// What the functions on struct nsexec_container share.
#pragma once

#include "parent/nsexec_parent.h"
#include "syscalls/errno_names.h"
#include "syscalls/fd.h"
#include "syscalls/process.h"

namespace parent {

/// Says in container.failure what failed; returns the negated errno.
[[gnu::cold]] inline int fail(nsexec_container& container, const char* call, const char* object,
                              sys::Errno error) {
  sys::StringBuilder text({container.failure, sizeof container.failure});
  text << call;
  if (object != nullptr) text << " " << object;
  text << ": " << sys::ErrnoText(error).c_str();
  return -error.number;
}

/// Waits for one process of the container to end; what it is called is 0 from then on.
inline sys::Result<int> reap(int& pid) {
  const auto ended = sys::wait(pid, __WALL);
  pid = 0;
  if (!ended) return ended.error();
  return ended.value().status;
}

/// Closes a descriptor that a member names.
inline void close_member(int& fd) {
  if (fd >= 0) (void)sys::close(fd);
  fd = -1;
}

}  // namespace parent
