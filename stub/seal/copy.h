// Copies of a program: by the strategies of the stub, and by a parent that seals its program
// itself.
#pragma once

#include <linux/ioctl.h>

#include "stub/procfs.h"
#include "syscalls/fd.h"
#include "syscalls/file.h"

namespace stub::seal {

/// Opens /proc/self/fd/`fd` again, as O_PATH, which gives no right to write.
inline sys::Result<sys::Fd> reopen(int fd) { return sys::open(FdPath(fd).c_str(), O_PATH); }

/// The seals that make a memfd unwritable for good (F_ADD_SEALS, fcntl(2)).
inline constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

/// The kind of copy.
struct Copy {
  bool shares_blocks = false;  ///< copy only by FICLONE
  int seals = 0;               ///< F_SEAL_* of a memfd; other files have none
};

/// A new memfd that may be executed and sealed. EACCES: vm.memfd_noexec is 2.
inline sys::Result<sys::Fd> new_memfd() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  sys::Result<sys::Fd> created = sys::memfd_create("nsexec", kFlags | MFD_EXEC);
  // Before Linux 6.3 there is no such flag, and every memfd is executable.
  if (created.error() == EINVAL) created = sys::memfd_create("nsexec", kFlags);
  return created;
}

/// Makes `to` a copy of the program at `path` and returns an O_PATH fd of it. No writable fd stays
/// open.
inline sys::Result<sys::Fd> copy_program(const char* path, sys::Result<sys::Fd> to, Copy how) {
  using sys::Fd;
  using sys::Result;
  if (!to) return to;
  const Fd copy = to.value();
  const Result<Fd> opened = sys::open(path, O_RDONLY);
  if (!opened) return opened;
  const Fd from = opened.value();
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
