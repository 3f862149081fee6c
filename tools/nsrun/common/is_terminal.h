// Whether a descriptor is a terminal.
#pragma once

#include <asm/termios.h>

#include "syscalls/file.h"

namespace nsrun {

/// isatty(3).
inline bool is_terminal(int fd) {
  struct termios mode;
  return static_cast<bool>(sys::ioctl(fd, TCGETS, &mode));
}

}  // namespace nsrun
