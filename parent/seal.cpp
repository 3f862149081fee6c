// nsexec_parent_seal(): seals a program once, for many starts.
#include "parent/container.h"
#include "stub/seal/mount.h"
#include "syscalls/mount.h"

namespace parent {

namespace {

using sys::Fd;
using sys::Result;

// Whether the mount is in no mount namespace, so that nobody can make it writable. It still is in
// one if another thread has forked while mount_detached() had the mount's tree open: the new
// process has a copy of that descriptor until it executes something.
bool is_in_no_namespace(int fd) {
  return stub::seal::make_read_only(fd, "", AT_EMPTY_PATH).error() == EINVAL;
}

Result<Fd> seal(const char* path) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    const Result<Fd> sealed = stub::seal::mount_detached(path);
    if (!sealed) return sealed;
    Fd fd = sealed.value();
    if (is_in_no_namespace(fd.get())) return Result<Fd>::of(fd.release());
  }
  return sys::Errno{EBUSY};
}

}  // namespace

}  // namespace parent

extern "C" int nsexec_parent_seal(const char* path) {
  const auto sealed = parent::seal(path);
  if (!sealed) return -sealed.error().number;
  sys::Fd fd = sealed.value();
  if (const auto moved = parent::move_above_streams(fd); !moved) return -moved.error().number;
  return fd.release();
}
