// The host's end of the init pipe. It is a socket; the other end belongs to the stages, and then to
// the container until it executes the command.
#pragma once

#include "syscalls/sockets.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

class InitPipe {
 public:
  InitPipe() = default;
  explicit InitPipe(sys::Fd socket) : socket_(static_cast<sys::Fd&&>(socket)) {}

  [[nodiscard]] int get() const { return socket_.get(); }
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  void close() { socket_.reset(); }

  /// Call it when nothing more is expected on the pipe except its end, which comes when the set-up
  /// ends. nsrun then no longer waits for it.
  void silence() { is_silent_ = true; }
  void listen_again() { is_silent_ = false; }
  [[nodiscard]] bool is_silent() const { return is_silent_; }

  /// Does not fail if the reader has ended: the exit status of the children says what happened.
  void send(sys::Text text) const {
    const auto sent = sys::send_fully(socket_.get(), text);
    const bool gone = sent.error() == EPIPE || sent.error() == ECONNRESET;
    if (!sent && !gone) fail("sendto", "init pipe", sent.error());
  }

 private:
  sys::Fd socket_;
  bool is_silent_ = false;
};

}  // namespace nsrun
