#include "tools/nsrun/system/output.h"

#include "syscalls/poll.h"
#include "tools/nsrun/common/output.h"

namespace nsrun {

using sys::Text;

void NamedOutput::print_line(Text line) const {
  sys::StringBuilder text(line_);
  text << Text::of(name_) << ": ";
  append_harmless(text, line);
  text << "\n";
  (void)write_waiting(1, text.text());
}

void NamedOutput::end() {
  if (size_ != 0) print_line({buffer_, size_});
  size_ = 0;
  pipe_.reset();
}

void NamedOutput::print() {
  auto* free = reinterpret_cast<unsigned char*>(buffer_ + size_);
  const auto count = sys::read(pipe_.get(), {free, sizeof buffer_ - size_});
  if (count.error() == EAGAIN) return;
  if (!count || count.value() == 0) return end();
  size_ += count.value();
  Text rest(buffer_, size_);
  while (rest.contains('\n')) {
    const size_t end_of_line = rest.find('\n');
    print_line(rest.first(end_of_line));
    rest = rest.from(end_of_line + 1);
  }
  if (rest.size() == sizeof buffer_) {
    print_line(rest);
    rest = {};
  }
  __builtin_memmove(buffer_, rest.data(), rest.size());
  size_ = rest.size();
}

void NamedOutput::print_rest() {
  for (;;) {
    sys::PollEntry entry{pipe_.get(), POLLIN, 0};
    const auto ready = sys::poll_for({&entry, 1}, 0);
    if (!pipe_.is_open() || !ready || ready.value() == 0) break;
    print();
  }
  end();
}

}  // namespace nsrun
