#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/namespaces.h"
#include "syscalls/process.h"
#include "syscalls/sockets.h"

namespace stub::seal {

using sys::Errno;
using sys::Fd;
using sys::Result;

namespace {

bool is_same_file(int fd) {
  const auto ours = sys::statx(AT_FDCWD, kSelf, 0, STATX_INO);
  const auto theirs = sys::statx(fd, "", AT_EMPTY_PATH, STATX_INO);
  return ours && theirs && sys::same_file(ours.value(), theirs.value());
}

// In the child. By path: an open of /proc/self/exe would still name the mount of the parent's
// namespace, which open_tree refuses.
Result<Fd> mount_in_own_namespace() {
  char path[4096];
  const auto size = sys::readlinkat(AT_FDCWD, kSelf, {path, sizeof path - 1});
  if (!size) return size.error();
  path[size.value().size()] = '\0';
  const auto unshared = sys::unshare(CLONE_NEWUSER | CLONE_NEWNS);
  if (!unshared) return unshared.error();
  const Result<Fd> fd = mount_detached(path);
  if (fd && !is_same_file(fd.get())) return Errno{ESTALE};
  return fd;
}

}  // namespace

Result<Fd> detached_mount_by_child(const Job& /*job*/) {
  sys::SocketPair pair;
  const auto opened = pair.open(SOCK_SEQPACKET);
  if (!opened) return opened.error();
  const auto child = sys::clone(SIGCHLD);
  if (!child) return child.error();
  Errno error{ECHILD};  // a child that dies without a word
  const sys::Span<char> bytes{reinterpret_cast<char*>(&error), sizeof error};
  if (child.value() == 0) {
    const Result<Fd> fd = mount_in_own_namespace();
    error = fd ? Errno{} : fd.error();
    if (fd) {
      (void)sys::FdMessage(bytes, fd.get()).send(pair.second.get());
    } else {
      (void)sys::send_fully(pair.second.get(), {bytes.data, bytes.size});
    }
    sys::exit(0);
  }
  pair.second.reset();
  sys::FdMessage message(bytes, -1);
  const auto received = message.receive(pair.first.get());
  (void)sys::wait(child.value());
  if (!received) return received.error();
  Fd fd = message.take_fd();
  if (!fd.is_open()) return error;
  return Result<Fd>::of(fd.release());
}

}  // namespace stub::seal
