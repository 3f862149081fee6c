#include <linux/auxvec.h>

#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/process.h"

namespace stub::seal {

using sys::Errno;
using sys::Fd;
using sys::Result;

Result<Fd> reopen(int fd) {
  sys::FixedString<32> path;
  path << "/proc/self/fd/" << fd;
  return sys::openat(AT_FDCWD, path.c_str(), O_PATH);
}

Result<Fd> TemporaryFile::create(const Job& job) {
  // The kernel's 16 random bytes, of which nobody else has seen what we print of them.
  const auto* random = reinterpret_cast<const unsigned char*>(job.stack.auxiliary_value(AT_RANDOM));
  uint32_t number = 0;
  if (random != nullptr) __builtin_memcpy(&number, random + 8, sizeof number);
  path << job.environment.state_directory << "/nsexec." << sys::getpid() << "." << number;
  if (path.truncated()) return Errno{ENAMETOOLONG};
  return sys::openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0500);
}

Result<void> BinaryPath::read() {
  const auto link = sys::readlinkat(AT_FDCWD, kSelf, {text, sizeof text - 1});
  if (!link) return link.error();
  char* end = text + link.value().size();
  *end = '\0';
  while (end != text && *end != '/') --end;
  if (*end != '/') return Errno{ENOENT};  // not a path at all
  *end = '\0';
  name = end + 1;
  return {};
}

Result<Fd> finish_copy(Result<Fd> to) {
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
  // Only a memfd takes seals; of any other file no writer is left once the copy is closed.
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (!sys::fcntl(copy.get(), F_ADD_SEALS, kSeals | F_SEAL_EXEC)) {
    (void)sys::fcntl(copy.get(), F_ADD_SEALS, kSeals);
  }
  return reopen(copy.get());
}

}  // namespace stub::seal
