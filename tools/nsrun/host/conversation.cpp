#include "tools/nsrun/host/conversation.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Text;

void Conversation::start(InitPipe pipe, bool by_stages) {
  pipe_ = static_cast<InitPipe&&>(pipe);
  wants_pid_line_ = by_stages;
}

Conversation::News Conversation::next() {
  for (;;) {
    if (!rest_.empty() && wants_pid_line_) {
      const News news = take_pid_line();
      if (news.kind != News::kNothing) return news;
    } else if (!rest_.empty()) {
      News news;
      news.kind = News::kStep;
      news.step = static_cast<Step>(rest_[0]);
      rest_ = rest_.from(1);
      return news;
    } else if (fd_.is_open()) {
      News news;
      news.kind = News::kTerminal;
      return news;
    } else if (!receive()) {
      return {};
    }
  }
}

// One read may return both the terminal's master and bytes that were sent before it.
bool Conversation::receive() {
  if (!pipe_.is_open() || pipe_.is_silent()) return false;
  sys::FdMessage message({buffer_, sizeof buffer_}, -1);
  const auto size = message.receive(pipe_.get(), MSG_DONTWAIT);
  if (size.error() == EAGAIN) return false;
  if (!size && !(size.error() == ECONNRESET)) complain("recvmsg", "init pipe", size.error());
  if (!size || size.value() == 0) {
    pipe_.close();  // the end of the socket: no more will come
    return false;
  }
  rest_ = {buffer_, size.value()};
  fd_ = message.take_fd();
  return true;
}

Conversation::News Conversation::take_pid_line() {
  const size_t end = rest_.find('\n');
  pid_line_ << rest_.first(end);
  if (end == rest_.size()) {
    rest_ = {};
    return {};
  }
  rest_ = rest_.from(end + 1);
  wants_pid_line_ = false;
  return parse_pid_line();
}

// {"stage1_pid":N,"stage2_pid":M}
Conversation::News Conversation::parse_pid_line() const {
  const Text line = pid_line_.text();
  sys::Pid pids[2] = {};
  size_t at = 0;
  for (sys::Pid& pid : pids) {
    at += line.from(at).find(':') + 1;
    if (at >= line.size()) fail("init pipe", nullptr, "no pid line came");
    const char* cursor = line.data() + at;
    pid = static_cast<sys::Pid>(sys::take_decimal(cursor, __INT_MAX__).value);
    if (pid <= 0) fail("init pipe", nullptr, "no pid line came");
  }
  News news;
  news.kind = News::kPids;
  news.stage1 = pids[0];
  news.container = pids[1];
  return news;
}

}  // namespace nsrun
