// The strategies that end in a copy: reflink, memfd, O_TMPFILE. Their common code is in files.cpp.
#include "stub/seal/strategies.h"
#include "syscalls/file.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

namespace {

// O_EXCL: the file can never get a name (open(2)).
constexpr int kNoName = O_TMPFILE | O_EXCL | O_RDWR;

}  // namespace

Result<Fd> reflink(const Job& /*job*/) {
  BinaryPath binary;
  const Result<Fd> opened = binary.open_directory();
  if (!opened) return opened;
  const Fd directory = opened.value();
  return finish_copy(sys::openat(directory.get(), ".", kNoName, 0500), {.shares_blocks = true});
}

Result<Fd> memfd(const Job& /*job*/) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Result<Fd> created = sys::memfd_create("nsexec", kFlags | MFD_EXEC);
  // Before Linux 6.3 there is no such flag, and every memfd is executable.
  if (created.error() == EINVAL) created = sys::memfd_create("nsexec", kFlags);
  return finish_copy(created, {.seals = kSeals});
}

Result<Fd> tmpfile(const Job& job) {
  return finish_copy(sys::openat(AT_FDCWD, job.environment.state_directory, kNoName, 0500));
}

}  // namespace stub::seal
