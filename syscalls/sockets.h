// Local sockets, and file descriptors sent over them: unix(7), cmsg(3).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace sys {

/// The two ends of a socketpair(2), close-on-exec.
struct SocketPair {
  Fd first;
  Fd second;

  /// `type` is SOCK_STREAM or SOCK_SEQPACKET. Once.
  Result<void> open(int type) {
    int ends[2] = {-1, -1};
    const auto made = call<void>(__NR_socketpair, AF_UNIX, type | SOCK_CLOEXEC, 0, ends);
    first = Fd(ends[0]);
    second = Fd(ends[1]);
    return made;
  }
};

/// socket(2) of the local family, close-on-exec, connected to nothing.
inline Result<Fd> local_socket() {
  return call<Fd>(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/// send(2) of all of it, with EPIPE and no signal where nobody is left to read.
inline Result<void> send_fully(int socket, Text text) {
  while (!text.empty()) {
    const Result<size_t> count =
        call_again<size_t>(__NR_sendto, socket, text.data(), text.size(), MSG_NOSIGNAL, nullptr, 0);
    if (!count) return count.error();
    text = text.from(count.value());
  }
  return {};
}

/// recv(2): how many bytes came, 0 at the end. EAGAIN with MSG_DONTWAIT: none are there.
inline Result<size_t> receive(int socket, Span<unsigned char> bytes, int flags) {
  return call_again<size_t>(__NR_recvfrom, socket, bytes.data, bytes.size, flags, nullptr, nullptr);
}

/// A message of some bytes with room for one fd beside them: SCM_RIGHTS, cmsg(3).
class FdMessage {
 public:
  [[gnu::noinline]] FdMessage(Span<char> bytes, int fd)
      : fd_{{sizeof(ControlHeader) + sizeof(int), SOL_SOCKET, SCM_RIGHTS}, fd},
        bytes_{bytes.data, bytes.size},
        header_{nullptr, 0, &bytes_, 1, &fd_, fd_.header.size, 0} {}
  FdMessage(const FdMessage&) = delete;
  FdMessage& operator=(const FdMessage&) = delete;

  /// sendmsg(2) of the bytes and the fd, which is borrowed. EPIPE and no signal where nobody is
  /// left.
  Result<size_t> send(int socket) {
    return call_again<size_t>(__NR_sendmsg, socket, &header_, MSG_NOSIGNAL);
  }
  /// recvmsg(2): how many bytes came. An fd that came with them is close-on-exec. EAGAIN with
  /// MSG_DONTWAIT: none are there.
  Result<size_t> receive(int socket, int flags = 0) {
    fd_.fd = -1;
    return call_again<size_t>(__NR_recvmsg, socket, &header_, MSG_CMSG_CLOEXEC | flags);
  }
  /// The fd that came; not open if none did, or if this process had no room for it
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
