#include "tools/nsrun/host/terminal.h"

#include <asm/termios.h>

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kTty[] = "--tty";
constexpr size_t kBufferSize = 4096;
constexpr char kEndOfFile = 4;  // Ctrl-D, as the line discipline has it by default

// cfmakeraw(3).
void make_raw(struct termios& mode) {
  mode.c_iflag &=
      ~static_cast<tcflag_t>(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  mode.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  mode.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  mode.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB);
  mode.c_cflag |= CS8;
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
}

}  // namespace

void Terminal::restore() {
  if (is_terminal_) (void)sys::ioctl(0, TCSETSW, saved_);
  is_terminal_ = false;
}

void Terminal::start(Fd master) {
  static_assert(sizeof(struct termios) <= sizeof saved_);
  master_ = static_cast<Fd&&>(master);
  check(sys::fcntl(master_.get(), F_SETFL, O_NONBLOCK), kTty, "fcntl");
  check(memory_.map_private(size_t{2} * kBufferSize), kTty, "mmap");
  input_ = memory_.bytes().first(kBufferSize);
  output_ = memory_.bytes().from(kBufferSize);
  is_terminal_ = static_cast<bool>(sys::ioctl(0, TCGETS, saved_));
  if (!is_terminal_) return;
  struct termios mode;
  __builtin_memcpy(&mode, saved_, sizeof mode);
  make_raw(mode);
  check(sys::ioctl(0, TCSETSW, &mode), kTty, "TCSETSW");
  resize();
}

void Terminal::resize() const {
  struct winsize size {};
  if (sys::ioctl(0, TIOCGWINSZ, &size)) (void)sys::ioctl(master_.get(), TIOCSWINSZ, &size);
}

void Terminal::prepare(sys::PollEntry* entries) const {
  const bool wants_input = started() && input_size_ == 0 && !input_ended_;
  const auto output = static_cast<short>(input_size_ != 0 ? POLLIN | POLLOUT : POLLIN);
  entries[0] = {wants_input ? 0 : -1, POLLIN, 0};
  entries[1] = {master_.get(), output, 0};
}

void Terminal::carry(const sys::PollEntry* entries) {
  if (entries[0].fd == 0 && entries[0].revents != 0) read_input();
  if ((entries[1].revents & POLLOUT) != 0) write_input();
  // POLLHUP alone: nobody has the slave open, and nobody will.
  if ((entries[1].revents & (POLLIN | POLLHUP)) != 0 && !print_output()) master_.reset();
}

void Terminal::read_input() {
  const auto size = sys::read(0, input_);
  if (size.error() == EAGAIN) return;  // non-blocking, and another process has read it
  input_start_ = 0;
  input_size_ = size ? size.value() : 0;
  if (input_size_ != 0) return;
  // The end of a file that is no terminal is one for the container, too.
  input_ended_ = true;
  input_[0] = kEndOfFile;
  input_size_ = 1;
}

void Terminal::write_input() {
  const auto written = sys::write(
      master_.get(), {reinterpret_cast<const char*>(input_.data) + input_start_, input_size_});
  if (!written) return;
  input_start_ += written.value();
  input_size_ -= written.value();
}

bool Terminal::print_output() {
  const auto size = sys::read(master_.get(), output_);
  if (size.error() == EAGAIN) return true;
  if (!size || size.value() == 0) return false;  // EIO: the last slave has been closed
  (void)write_waiting(1, {reinterpret_cast<const char*>(output_.data), size.value()});
  return true;
}

void Terminal::drain() {
  while (started()) {
    sys::PollEntry entry{master_.get(), POLLIN, 0};
    const auto ready = sys::poll_for({&entry, 1}, 0);
    if (!ready || ready.value() == 0 || !print_output()) return;
  }
}

}  // namespace nsrun
