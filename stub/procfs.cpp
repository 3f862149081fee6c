#include "stub/procfs.h"

namespace stub {

using sys::Errno;
using sys::Fd;
using sys::Result;

namespace {

// Returns `file` if it is on a file system of that type.
Result<Fd> require_file_system(Result<Fd> file, unsigned long magic) {
  if (!file) return file;
  sys::FileSystem status{};
  const auto asked = sys::fstatfs(file.get(), status);
  if (asked && static_cast<unsigned long>(status.f_type) == magic) return file;
  (void)sys::close(file.get());
  return asked ? Errno{EOPNOTSUPP} : asked.error();
}

}  // namespace

Result<Fd> open_procfs() {
  return require_file_system(sys::open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW),
                             PROC_SUPER_MAGIC);
}

Result<Fd> open_proc_file(int procfs, const char* path, int flags) {
  constexpr uint64_t kInsideOnly = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  Result<Fd> file = sys::openat2(procfs, path, flags, kInsideOnly);
  if (!(file.error() == ENOSYS) && !(file.error() == EPERM)) return file;
  // Before Linux 5.6 there is no openat2, and old seccomp filters refuse it (EPERM). Then check at
  // least that the opened file is on a procfs.
  return require_file_system(sys::openat(procfs, path, flags | O_NOFOLLOW), PROC_SUPER_MAGIC);
}

Result<Fd> open_proc_namespace(int procfs, const char* path) {
  // A namespace file is a magic link, so check afterwards where it led.
  return require_file_system(sys::openat(procfs, path, O_RDONLY), NSFS_MAGIC);
}

}  // namespace stub
