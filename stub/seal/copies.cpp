// The strategies that end in a copy: reflink, memfd, O_TMPFILE, unlinked file. What they share is
// in files.cpp.
#include "stub/seal/strategies.h"
#include "syscalls/file.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

Result<Fd> reflink(const Job& /*job*/) {
  constexpr unsigned long kFiClone = 0x40049409;  // FICLONE, <linux/fs.h>; 4.5
  BinaryPath binary;
  const Result<Fd> opened = binary.open_directory();
  if (!opened) return opened;
  const Fd directory = opened.value();
  const Result<Fd> self = sys::openat(AT_FDCWD, kSelf, O_RDONLY);
  if (!self) return self;
  const Fd from = self.value();
  const Result<Fd> created = sys::openat(directory.get(), ".", O_TMPFILE | O_RDWR, 0500);
  if (!created) return created;
  const Fd to = created.value();
  const auto cloned = sys::ioctl(to.get(), kFiClone, from.get());
  if (!cloned) return cloned.error();
  return reopen(to.get());
}

Result<Fd> memfd(const Job& /*job*/) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Result<Fd> created = sys::memfd_create("nsexec", kFlags | MFD_EXEC);
  // Before Linux 6.3 there is no such flag, and every memfd can be executed.
  if (created.error() == EINVAL) created = sys::memfd_create("nsexec", kFlags);
  return finish_copy(created, kSeals);
}

Result<Fd> tmpfile(const Job& job) {
  return finish_copy(
      sys::openat(AT_FDCWD, job.environment.state_directory, O_TMPFILE | O_RDWR, 0500));
}

Result<Fd> unlinked_file(const Job& job) {
  TemporaryFile file;
  const Result<Fd> created = file.create(job);
  if (created) (void)sys::unlinkat(AT_FDCWD, file.path.c_str());
  return finish_copy(created);
}

}  // namespace stub::seal
