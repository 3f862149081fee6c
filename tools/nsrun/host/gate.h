// --block-fd: COMMAND waits for the caller.
#pragma once

#include "syscalls/file.h"

namespace nsrun {

/// The descriptor for which the container's first process waits when everything else is set up.
class Gate {
 public:
  void open(int fd) { fd_ = fd; }
  /// Whether the container has to wait from now on.
  [[nodiscard]] bool holds() {
    is_awaited_ = fd_ >= 0;
    return is_awaited_;
  }
  /// Readable when the wait is over; -1: nothing waits.
  [[nodiscard]] int get() const { return is_awaited_ ? fd_ : -1; }
  /// Ends the wait.
  void pass() {
    unsigned char byte = 0;
    (void)sys::read(fd_, {&byte, 1});
    (void)sys::close(fd_);
    is_awaited_ = false;
  }

 private:
  int fd_ = -1;
  bool is_awaited_ = false;
};

}  // namespace nsrun
