#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/mount.h"

namespace stub::seal {

using sys::Fd;
using sys::FsConfig;
using sys::Result;

Result<Fd> overlay(const Job& job) {
  BinaryPath binary;
  const Result<Fd> opened = binary.open_directory();
  if (!opened) return opened;
  const Fd directory = opened.value();
  // Directories on the path may have been renamed. After this check the directory is on the
  // binary's own file system, whose change times can be trusted.
  const auto found =
      require_running_binary(sys::openat(directory.get(), binary.name, O_PATH | O_NOFOLLOW));
  if (!found) return found;
  found.value().reset();
  // Without an upper layer an overlay needs two lower ones, separated by a colon. The directory is
  // given by its fd, because its path may contain characters that are special there.
  sys::Path layers;
  layers << "/proc/self/fd/" << directory.get() << ":" << job.environment.state_directory;
  const Result<Fd> made = sys::fsopen("overlay");
  if (!made) return made;
  const Fd fs = made.value();
  auto done = sys::fsconfig(fs.get(), FsConfig::kSetString, "lowerdir", layers.c_str());
  if (done) done = sys::fsconfig(fs.get(), FsConfig::kCreate);
  if (!done) return done.error();
  const Result<Fd> mounted = sys::fsmount(fs.get(), MOUNT_ATTR_RDONLY);
  if (!mounted) return mounted;
  const Fd mount = mounted.value();  // must be closed on return, as in detached_mount.cpp
  return require_running_binary(sys::openat(mount.get(), binary.name, O_PATH | O_NOFOLLOW), true);
}

}  // namespace stub::seal
