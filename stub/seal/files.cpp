#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/system.h"

namespace stub::seal {

using sys::Errno;
using sys::Fd;
using sys::Result;

Result<Fd> reopen(int fd) { return sys::openat(AT_FDCWD, FdPath(fd).c_str(), O_PATH); }

Result<Fd> TemporaryFile::create(const Job& job) {
  uint32_t number = 0;
  (void)sys::get_random({reinterpret_cast<unsigned char*>(&number), sizeof number});
  path << job.environment.state_directory << "/nsexec." << number;
  if (path.truncated()) return Errno{ENAMETOOLONG};
  return sys::openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0500);
}

Result<void> BinaryPath::read() {
  const auto link = sys::readlinkat(AT_FDCWD, kSelf, {text, sizeof text - 1});
  if (!link) return link.error();
  name = text + link.value().size();
  *name = '\0';
  while (*name != '/' && name != text) --name;
  return {};
}

Result<Fd> BinaryPath::open_directory() {
  const auto done = read();
  if (!done) return done.error();
  *name++ = '\0';
  return sys::openat(AT_FDCWD, *text == '\0' ? "/" : text, O_PATH | O_DIRECTORY);
}

Result<Fd> require_running_binary(Result<Fd> file) {
  if (!file) return file;
  struct statx ours;
  struct statx theirs;
  if (sys::statx(AT_FDCWD, kSelf, 0, STATX_BASIC_STATS, ours) &&
      sys::statx(file.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, theirs) &&
      // NOLINTNEXTLINE(clang-analyzer-core.*): both are the kernel's by now
      ours.stx_size == theirs.stx_size && ours.stx_ctime.tv_sec == theirs.stx_ctime.tv_sec &&
      ours.stx_ctime.tv_nsec == theirs.stx_ctime.tv_nsec) {
    return file;
  }
  (void)sys::close(file.get());
  return Errno{ESTALE};
}

Result<Fd> finish_copy(Result<Fd> to, int seals) {
  if (!to) return to;
  const Fd copy = to.value();
  const Result<Fd> self = sys::openat(AT_FDCWD, kSelf, O_RDONLY);
  if (!self) return self;
  const Fd from = self.value();
  for (;;) {
    constexpr size_t kMost = 0x7ffff000;
    // Between file systems, and on old kernels, sendfile does what copy_file_range cannot.
    auto copied = sys::copy_file_range(from.get(), copy.get(), kMost);
    if (!copied || copied.value() == 0) copied = sys::sendfile(from.get(), copy.get(), kMost);
    if (!copied) return copied.error();
    if (copied.value() == 0) break;
  }
  const auto changed = sys::fchmod(copy.get(), 0500);
  if (!changed) return changed.error();
  if (seals != 0) {
    auto sealed = sys::fcntl(copy.get(), F_ADD_SEALS, seals | F_SEAL_EXEC);
    // F_SEAL_EXEC is as young as Linux 6.3.
    if (!sealed) sealed = sys::fcntl(copy.get(), F_ADD_SEALS, seals);
    if (!sealed) return sealed.error();
  }
  return reopen(copy.get());
}

}  // namespace stub::seal
