// nsexec_parent_seal(): seals a program once, for many starts.
#include "parent/container.h"
#include "stub/seal/copy.h"
#include "stub/seal/mount.h"

extern "C" int nsexec_parent_seal(const char* path) {
  using stub::seal::kSeals;
  using sys::Fd;
  using sys::Result;
  Result<Fd> sealed = stub::seal::mount_detached(path);
  if (!sealed) sealed = stub::seal::copy_program(path, stub::seal::new_memfd(), {.seals = kSeals});
  if (!sealed) return -sealed.error().number;
  Fd fd = sealed.value();
  if (const auto moved = parent::move_above_streams(fd); !moved) return -moved.error().number;
  return fd.release();
}
