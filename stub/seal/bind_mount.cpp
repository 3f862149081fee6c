#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/mount.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

namespace {

Result<Fd> open_bound(const char* path) {
  const auto read_only =
      sys::mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr);
  if (!read_only) return read_only.error();
  return sys::openat(AT_FDCWD, path, O_PATH);
}

}  // namespace

Result<Fd> bind_mount(const Job& job) {
  TemporaryFile file;
  const Result<Fd> created = file.create(job);
  if (!created) return created;
  const Fd closed = created.value();
  const char* path = file.path.c_str();
  const auto bound = sys::mount(kSelf, path, nullptr, MS_BIND, nullptr);
  Result<Fd> fd = bound.error();
  if (bound) {
    fd = open_bound(path);
    const auto unmounted = sys::unmount(path, MNT_DETACH);
    // Still in the mount table it could be made writable: no seal.
    if (!unmounted) fd = unmounted.error();
  }
  (void)sys::unlinkat(AT_FDCWD, path);
  return fd;
}

}  // namespace stub::seal
