// The caller's terminal: standard input, while it is raw.
#pragma once

#include "syscalls/result.h"

namespace nsrun {

class CallerTerminal {
 public:
  /// Makes standard input raw, if it is a terminal. In the background that stops nsrun, as any
  /// program that changes its terminal there (SIGTTOU).
  void make_raw();
  /// Puts it back to what it was.
  void restore();
  [[nodiscard]] bool is_raw() const { return is_raw_; }

 private:
  bool is_raw_ = false;
  unsigned char saved_[64];  // struct termios as it was
};

}  // namespace nsrun
