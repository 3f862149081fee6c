// What the stages and the container say over the init pipe.
#pragma once

#include "tools/nsrun/boundary.h"
#include "tools/nsrun/host/init_pipe.h"

namespace nsrun {

/// First the pid line, from the stub, where there is a stub; then a byte for each step, and with
/// --tty one with the terminal's master. The container closes the pipe when it is set up.
class Conversation {
 public:
  struct News {
    enum Kind : unsigned char { kNothing, kPids, kStep, kTerminal };
    Kind kind = kNothing;
    Step step = Step::kNone;
    sys::Pid stage1 = 0;
    sys::Pid container = 0;
  };

  /// `by_stages`: there is a pid line.
  void start(InitPipe pipe, bool by_stages);
  [[nodiscard]] InitPipe& pipe() { return pipe_; }
  /// What to wait for; -1: nothing.
  [[nodiscard]] int fd() const { return pipe_.is_silent() ? -1 : pipe_.get(); }

  /// The next of what has come. kNothing: no more has come yet, or ever will.
  [[nodiscard]] News next();
  /// With kTerminal: the master. With a step: the descriptor that it comes with.
  [[nodiscard]] sys::Fd take_fd() { return static_cast<sys::Fd&&>(fd_); }

 private:
  bool receive();
  [[nodiscard]] News take_pid_line();
  [[nodiscard]] News parse_pid_line() const;

  InitPipe pipe_;
  bool wants_pid_line_ = false;
  char buffer_[64];
  sys::Text rest_;  // of what is in the buffer
  sys::FixedString<256> pid_line_;
  sys::Fd fd_;
};

}  // namespace nsrun
