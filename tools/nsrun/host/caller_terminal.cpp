#include "tools/nsrun/host/caller_terminal.h"

#include <asm/termios.h>

#include "syscalls/file.h"
#include "syscalls/process.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

// As cfmakeraw(3).
void make_mode_raw(struct termios& mode) {
  mode.c_iflag &=
      ~static_cast<tcflag_t>(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  mode.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  mode.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  mode.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB);
  mode.c_cflag |= CS8;
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
}

// Stops nsrun while it is in the background, as any program that changes its terminal there. This
// must come before nsrun reads the terminal's mode, which another program may still change. If no
// process could continue nsrun, the kernel ignores the signal.
void wait_for_foreground() {
  for (int tries = 0; tries < 100; ++tries) {
    sys::Pid group = 0;
    if (!sys::ioctl(0, TIOCGPGRP, &group) || group == sys::getpgrp()) return;
    (void)sys::kill(0, SIGTTOU);
  }
}

}  // namespace

void CallerTerminal::make_raw() {
  static_assert(sizeof(struct termios) <= sizeof saved_);
  if (is_raw_) return;
  wait_for_foreground();
  is_raw_ = static_cast<bool>(sys::ioctl(0, TCGETS, saved_));
  if (!is_raw_) return;
  struct termios mode;
  __builtin_memcpy(&mode, saved_, sizeof mode);
  make_mode_raw(mode);
  check(sys::ioctl(0, TCSETSW, &mode), "--tty", "TCSETSW");
}

void CallerTerminal::restore() {
  if (is_raw_) (void)sys::ioctl(0, TCSETSW, saved_);
  is_raw_ = false;
}

}  // namespace nsrun
