#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/mount.h"

namespace stub::seal {

using sys::Errno;
using sys::Fd;
using sys::FsConfig;
using sys::Result;

Result<Fd> overlay(const Job& job) {
  BinaryPath binary;
  const auto read = binary.read();
  if (!read) return read.error();
  // Without an upper layer an overlay wants two lower ones; the list is separated by colons, and a
  // backslash or comma in it would mean something else.
  for (const char* c = binary.text; *c != '\0'; ++c) {
    if (*c == ':' || *c == '\\' || *c == ',') return Errno{EINVAL};
  }
  sys::Path layers;
  layers << binary.text << "/:" << job.environment.state_directory;
  const Result<Fd> opened = sys::fsopen("overlay");
  if (!opened) return opened;
  const Fd fs = opened.value();
  auto done = sys::fsconfig(fs.get(), FsConfig::kSetString, "lowerdir", layers.c_str());
  if (done) done = sys::fsconfig(fs.get(), FsConfig::kCreate);
  if (!done) return done.error();
  const Result<Fd> mounted = sys::fsmount(fs.get(), MOUNT_ATTR_RDONLY);
  if (!mounted) return mounted;
  const Fd mount = mounted.value();  // closed on return, as with the detached mount
  return sys::openat(mount.get(), binary.name, O_PATH | O_NOFOLLOW);
}

}  // namespace stub::seal
