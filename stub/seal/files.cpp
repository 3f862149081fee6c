#include <linux/ioctl.h>

#include "stub/seal/strategies.h"
#include "syscalls/file.h"

namespace stub::seal {

using sys::Errno;
using sys::Fd;
using sys::Result;

Result<Fd> reopen(int fd) { return sys::open(FdPath(fd).c_str(), O_PATH); }

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
  return sys::open(*text == '\0' ? "/" : text, O_PATH | O_DIRECTORY);
}

Result<Fd> require_running_binary(Result<Fd> file, bool on_overlay) {
  if (!file) return file;
  sys::FileStatus ours;
  sys::FileStatus theirs;
  if (sys::stat(AT_FDCWD, kSelf, 0, ours) && sys::stat(file.get(), "", AT_EMPTY_PATH, theirs) &&
      // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel has filled both
      (on_overlay ? sys::same_change(ours, theirs) : sys::same_file(ours, theirs))) {
    return file;
  }
  (void)sys::close(file.get());
  return Errno{ESTALE};
}

Result<Fd> finish_copy(Result<Fd> to, Copy how) {
  if (!to) return to;
  const Fd copy = to.value();
  const Result<Fd> self = sys::open(kSelf, O_RDONLY);
  if (!self) return self;
  const Fd from = self.value();
  // FICLONE, <linux/fs.h>; Linux 4.5. Its number is another one on ppc64le.
  constexpr unsigned long kFiClone = _IOW(0x94, 9, int);
  constexpr size_t kMost = 0x7ffff000;
  auto done = how.shares_blocks ? sys::ioctl(copy.get(), kFiClone, from.get()).release() : 1;
  // sendfile between any two files, since Linux 2.6.33.
  while (done > 0) done = sys::sendfile(from.get(), copy.get(), kMost).release();
  if (done == 0) done = sys::fchmod(copy.get(), 0500).release();
  if (done == 0 && how.seals != 0) {
    done = sys::fcntl(copy.get(), F_ADD_SEALS, how.seals | F_SEAL_EXEC).release();
    // F_SEAL_EXEC needs Linux 6.3.
    if (done != 0) done = sys::fcntl(copy.get(), F_ADD_SEALS, how.seals).release();
  }
  if (done != 0) return Result<Fd>::of(done);
  return reopen(copy.get());
}

}  // namespace stub::seal
