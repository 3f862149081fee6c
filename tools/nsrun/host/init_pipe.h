// The host's end of the init pipe: a socket, whose other end the container has until it executes
// the command, and the stages before it.
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

  /// Nothing more is expected on it but its end, which is that of the set-up, and which nobody need
  /// be woken for.
  void silence() { is_silent_ = true; }
  void listen_again() { is_silent_ = false; }
  [[nodiscard]] bool is_silent() const { return is_silent_; }

  /// Whether or not somebody is still there to read it: how the children end says what happened.
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
