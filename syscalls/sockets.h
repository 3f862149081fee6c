// Unix sockets, and sending file descriptors over them: unix(7), cmsg(3).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace sys {

/// Owns the two ends of a socketpair(2), close-on-exec.
struct SocketPair {
  Fd first;
  Fd second;

  /// `type` is SOCK_STREAM or SOCK_SEQPACKET. Call it once.
  Result<void> open(int type) {
    int ends[2] = {-1, -1};
    const auto made = call<void>(__NR_socketpair, AF_UNIX, type | SOCK_CLOEXEC, 0, ends);
    first = Fd(ends[0]);
    second = Fd(ends[1]);
    return made;
  }
};

/// socket(2) of type AF_UNIX, close-on-exec, not connected.
inline Result<Fd> local_socket() {
  return call<Fd>(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/// send(2) of all bytes. If the peer has closed, fails with EPIPE and sends no signal.
inline Result<void> send_fully(int socket, Text text) {
  while (!text.empty()) {
    const Result<size_t> count =
        call_again<size_t>(__NR_sendto, socket, text.data(), text.size(), MSG_NOSIGNAL, nullptr, 0);
    if (!count) return count.error();
    text = text.from(count.value());
  }
  return {};
}

/// recv(2): returns the number of bytes, 0 at the end. EAGAIN with MSG_DONTWAIT: none are there.
inline Result<size_t> receive(int socket, Span<unsigned char> bytes, int flags) {
  return call_again<size_t>(__NR_recvfrom, socket, bytes.data, bytes.size, flags, nullptr, nullptr);
}

/// A message of some bytes and at most one fd: SCM_RIGHTS, cmsg(3).
class FdMessage {
 public:
  [[gnu::noinline]] FdMessage(Span<char> bytes, int fd)
      : fd_{{sizeof(ControlHeader) + sizeof(int), SOL_SOCKET, SCM_RIGHTS}, fd},
        bytes_{bytes.data, bytes.size},
        header_{nullptr, 0, &bytes_, 1, &fd_, fd_.header.size, 0} {}
  FdMessage(const FdMessage&) = delete;
  FdMessage& operator=(const FdMessage&) = delete;

  /// sendmsg(2) of the bytes and the borrowed fd. If the peer has closed, fails with EPIPE and
  /// sends no signal.
  Result<size_t> send(int socket) {
    return call_again<size_t>(__NR_sendmsg, socket, &header_, MSG_NOSIGNAL);
  }
  /// recvmsg(2): returns the number of bytes. A received fd is close-on-exec. EAGAIN with
  /// MSG_DONTWAIT: none are there.
  Result<size_t> receive(int socket, int flags = 0) {
    fd_.fd = -1;
    return call_again<size_t>(__NR_recvmsg, socket, &header_, MSG_CMSG_CLOEXEC | flags);
  }
  /// The received fd. Not open if none came, or if the process was at its limit of fds
  /// (RLIMIT_NOFILE).
  [[nodiscard]] Fd take_fd() {
    const int fd = fd_.fd;
    fd_.fd = -1;
    return Fd(fd);
  }

 private:
  struct Control {
    ControlHeader header;
    int fd;
  };

  Control fd_;
  IoVector bytes_;
  MessageHeader header_;
};

}  // namespace sys
