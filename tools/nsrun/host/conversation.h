// What the stages and the container send over the init pipe.
#pragma once

#include "tools/nsrun/boundary.h"
#include "tools/nsrun/host/init_pipe.h"

namespace nsrun {

/// First the pid line from the stub, if there is a stub. Then one byte for each step, and with
/// --tty one byte with the terminal's master. The container closes the pipe when it is set up.
class Conversation {
 public:
  struct News {
    enum Kind : unsigned char { kNothing, kPids, kStep, kTerminal };
    Kind kind = kNothing;
    Step step = Step::kNone;
    sys::Pid stage1 = 0;
    sys::Pid container = 0;
  };

  /// `by_stages`: a pid line will come.
  void start(InitPipe pipe, bool by_stages);
  [[nodiscard]] InitPipe& pipe() { return pipe_; }
  /// The fd to wait for; -1: none.
  [[nodiscard]] int fd() const { return pipe_.is_silent() ? -1 : pipe_.get(); }

  /// The next message. kNothing: none has come yet, or none will come.
  [[nodiscard]] News next();
  /// The fd that came with the last message: the master for kTerminal, a file for a step.
  [[nodiscard]] sys::Fd take_fd() { return static_cast<sys::Fd&&>(fd_); }

 private:
  bool receive();
  [[nodiscard]] News take_pid_line();
  [[nodiscard]] News parse_pid_line() const;

  InitPipe pipe_;
  bool wants_pid_line_ = false;
  char buffer_[64];
  sys::Text rest_;  // the part of the buffer that is not processed yet
  sys::FixedString<256> pid_line_;
  sys::Fd fd_;
};

}  // namespace nsrun
