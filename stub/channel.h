// What the stages say to each other. Private to the stub: no parent sees it.
#pragma once

#include "syscalls/file.h"
#include "syscalls/sockets.h"

namespace stub {

/// One byte each, one message each (SOCK_SEQPACKET). Stage 1 asks, stage 0 answers; stage 2 says
/// one word. Whoever waits here wakes up when the other side has died.
enum class Message : unsigned char {
  kEnd = 0,           ///< not sent: the other side's last process is gone
  kMapIds,            ///< stage 1 → 0: I am in a new user namespace, write its maps
  kSetTimeOffsets,    ///< stage 1 → 0: I have a new time namespace
  kOpenMountSources,  ///< stage 1 → 0: open them in my mount namespace
  kDone,              ///< stage 0 → 1: what you asked for is there
  kReady,             ///< stage 2 → 0: the set-up is complete
  kFailed,            ///< either way: I have failed and said why in the log
};

/// One end of the socket pair between stage 0 and the stages that it made.
class Channel {
 public:
  Channel() = default;
  explicit Channel(sys::Fd socket) : socket_(static_cast<sys::Fd&&>(socket)) {}

  [[nodiscard]] int fd() const { return socket_.get(); }

  [[nodiscard, gnu::noinline]] sys::Result<void> send(Message message) const {
    const char byte = static_cast<char>(message);
    return sys::send_fully(socket_.get(), {&byte, 1});
  }

  /// The other side's next word; with MSG_DONTWAIT only if it is there.
  [[nodiscard, gnu::noinline]] sys::Result<Message> receive(int flags = 0) const {
    for (;;) {
      unsigned char byte = 0;
      const auto size = sys::receive(socket_.get(), {&byte, 1}, flags);
      if (size) return static_cast<Message>(byte);  // none at the end, which is kEnd
      // A side that dies with words unread resets the connection: the kernel tells that once, and
      // before that side's own last word.
      if (!(size.error() == ECONNRESET)) return size.error();
    }
  }

 private:
  sys::Fd socket_;
};

}  // namespace stub
