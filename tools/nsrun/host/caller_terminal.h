// The caller's terminal, which is standard input.
#pragma once

#include "syscalls/result.h"

namespace nsrun {

class CallerTerminal {
 public:
  /// Makes standard input raw, if it is a terminal. If nsrun is in the background, this stops it
  /// (SIGTTOU), as any program that changes its terminal there.
  void make_raw();
  /// Restores the mode that the terminal had before make_raw().
  void restore();
  [[nodiscard]] bool is_raw() const { return is_raw_; }

 private:
  bool is_raw_ = false;
  unsigned char saved_[64];  // struct termios, as it was before
};

}  // namespace nsrun
