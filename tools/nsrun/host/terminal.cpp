#include "tools/nsrun/host/terminal.h"

#include <asm/termios.h>

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

namespace {

constexpr char kTty[] = "--tty";
constexpr size_t kBufferSize = 4096;     // PIPE_BUF: a pipe that has room takes this much without
                                         // blocking
constexpr unsigned char kEndOfFile = 4;  // Ctrl-D, the default of the line discipline

}  // namespace

void Terminal::start(Fd master) {
  master_ = static_cast<Fd&&>(master);
  check(sys::fcntl(master_.get(), F_SETFL, O_NONBLOCK), kTty, "fcntl");
  check(memory_.map_private(size_t{2} * kBufferSize), kTty, "mmap");
  input_.memory = memory_.bytes().first(kBufferSize);
  output_.memory = memory_.bytes().from(kBufferSize);
  take_again();
}

void Terminal::take_again() {
  caller_.make_raw();
  if (caller_.is_raw()) resize();
}

void Terminal::resize() const {
  struct winsize size {};
  if (sys::ioctl(0, TIOCGWINSZ, &size)) (void)sys::ioctl(master_.get(), TIOCSWINSZ, &size);
}

sys::Pid Terminal::foreground() const {
  sys::Pid group = 0;
  return started() && sys::ioctl(master_.get(), TIOCGPGRP, &group) ? group : 0;
}

void Terminal::prepare(sys::PollEntry* entries) const {
  const bool wants_input = started() && input_.size == 0 && !input_ended_;
  const int events = (input_.size == 0 ? 0 : POLLOUT) | (output_.size == 0 ? POLLIN : 0);
  entries[0] = {wants_input ? 0 : -1, POLLIN, 0};
  // Otherwise poll(2) would report the master's end again and again, while there is nothing to do.
  entries[1] = {events == 0 ? -1 : master_.get(), static_cast<short>(events), 0};
  entries[2] = {started() && output_.size != 0 ? 1 : -1, POLLOUT, 0};
}

Terminal::News Terminal::carry(const sys::PollEntry* entries) {
  News news;
  if (entries[0].fd == 0 && entries[0].revents != 0) read_input(news);
  if ((entries[1].revents & POLLOUT) != 0) write_input(news);
  if (entries[2].fd == 1 && entries[2].revents != 0) write_output(news);
  // POLLHUP alone: no process has the slave open, and none will open it.
  const bool has_output = (entries[1].revents & (POLLIN | POLLHUP)) != 0 && output_.size == 0;
  if (has_output && started() && !read_output()) master_.reset();
  return news;
}

void Terminal::read_input(News& news) {
  unsigned char typed[512];
  const auto size = sys::read(0, {typed, sizeof typed});
  if (size.error() == EAGAIN) return;  // non-blocking, and another process has read the input
  const size_t count = size ? size.value() : 0;
  input_.fill(count);
  if (count == 0) {
    // If stdin is no terminal, the container gets its end as an end of file.
    input_ended_ = true;
    input_.memory[0] = kEndOfFile;
    input_.fill(1);
  } else if (caller_.is_raw()) {
    const auto found = escapes_.filter({typed, count}, input_.memory.data, input_.size);
    news.suspend = found.suspend;
    news.end = found.end;
  } else {
    __builtin_memcpy(input_.memory.data, typed, count);
  }
}

void Terminal::write_input(News& news) {
  const auto written = sys::write(master_.get(), input_.rest());
  if (!written) return;
  news.typed_signal = signal_of(input_.rest().first(written.value()));
  input_.advance(written.value());
}

// The signal that the terminal's line discipline sends for what was typed (termios(3), ISIG); 0:
// none.
int Terminal::signal_of(Text typed) {
  struct termios mode {};
  if (!sys::ioctl(master_.get(), TCGETS, &mode) || (mode.c_lflag & ISIG) == 0) return 0;
  int signal = 0;
  for (const char character : typed) {
    const auto c = static_cast<unsigned char>(character);
    const bool is_literal = literal_next_;
    const bool extended = (mode.c_lflag & IEXTEN) != 0 && (mode.c_lflag & ICANON) != 0;
    literal_next_ = !is_literal && extended && c == mode.c_cc[VLNEXT];
    if (is_literal || c == 0) continue;  // 0: _POSIX_VDISABLE
    if (c == mode.c_cc[VINTR]) signal = SIGINT;
    if (c == mode.c_cc[VQUIT]) signal = SIGQUIT;
  }
  return signal;
}

bool Terminal::read_output() {
  const auto size = sys::read(master_.get(), output_.memory);
  if (size.error() == EAGAIN) return true;
  output_.fill(size ? size.value() : 0);
  return output_.size != 0;  // EIO: the last slave was closed
}

void Terminal::write_output(News& news) {
  const auto written = sys::write(1, output_.rest());
  if (written) return output_.advance(written.value());
  if (written.error() == EAGAIN) return;
  news.output_failed = written.error();
  output_.fill(0);
}

void Terminal::drain() {
  while (started() || output_.size != 0) {
    if (output_.size != 0 && !write_waiting(1, output_.rest())) return;
    output_.fill(0);
    if (!started()) return;
    sys::PollEntry entry{master_.get(), POLLIN, 0};
    const auto ready = sys::poll_for({&entry, 1}, 0);
    if (!ready || ready.value() == 0 || !read_output()) return;
  }
}

}  // namespace nsrun
