// The messages between the stages. Internal to the stub; no parent sees them.
#pragma once

#include "syscalls/file.h"
#include "syscalls/sockets.h"

namespace stub {

/// Each is a SOCK_SEQPACKET message of one byte. Stage 1 sends requests and stage 0 answers; stage
/// 2 sends one message. A stage that waits here wakes up when its peer dies.
enum class Message : unsigned char {
  kEnd = 0,           ///< never sent: the peer's last process has ended
  kMapIds,            ///< stage 1 → 0: write the id maps of my new user namespace
  kSetTimeOffsets,    ///< stage 1 → 0: set the offsets of my new time namespace
  kOpenMountSources,  ///< stage 1 → 0: open mount sources in my mount namespace
  kDone,              ///< stage 0 → 1: the request is done
  kReady,             ///< stage 2 → 0: the set-up is complete
  kFailed,            ///< either way: the sender has failed and logged the reason
};

/// One end of the socket pair between stage 0 and stages 1 and 2.
class Channel {
 public:
  Channel() = default;
  explicit Channel(sys::Fd socket) : socket_(static_cast<sys::Fd&&>(socket)) {}

  [[nodiscard]] int fd() const { return socket_.get(); }

  [[nodiscard, gnu::noinline]] sys::Result<void> send(Message message) const {
    const char byte = static_cast<char>(message);
    return sys::send_fully(socket_.get(), {&byte, 1});
  }

  /// Receives the peer's next message; with MSG_DONTWAIT only if one is there.
  [[nodiscard, gnu::noinline]] sys::Result<Message> receive(int flags = 0) const {
    for (;;) {
      unsigned char byte = 0;
      const auto size = sys::receive(socket_.get(), {&byte, 1}, flags);
      if (size) return static_cast<Message>(byte);  // no byte at the end: kEnd
      // If the peer dies with unread messages, the kernel resets the connection. It reports that
      // once, and before the peer's own last message.
      if (!(size.error() == ECONNRESET)) return size.error();
    }
  }

 private:
  sys::Fd socket_;
};

}  // namespace stub
