// --block-fd: COMMAND waits for the caller.
#pragma once

#include "syscalls/file.h"

namespace nsrun {

/// A descriptor that the container's first process is kept waiting for, when all else is set up.
class Gate {
 public:
  void open(int fd) { fd_ = fd; }
  /// Whether somebody is kept waiting from here on.
  [[nodiscard]] bool holds() {
    is_awaited_ = fd_ >= 0;
    return is_awaited_;
  }
  /// Readable when the wait is over; -1: nobody waits.
  [[nodiscard]] int get() const { return is_awaited_ ? fd_ : -1; }
  /// The wait is over.
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
