#include "stub/seal/strategies.h"
#include "syscalls/file.h"

namespace stub::seal {

using sys::Errno;
using sys::Fd;
using sys::Result;

Result<void> BinaryPath::read() {
  const auto link = sys::readlinkat(AT_FDCWD, kSelf, {text, sizeof text - 1});
  if (!link) return link.error();
  name = text + link.value().size();
  *name = '\0';
  while (*name != '/' && name != text) --name;
  return {};
}

Result<Fd> BinaryPath::open_directory() {
  const auto done = read();
  if (!done) return done.error();
  *name++ = '\0';
  return sys::open(*text == '\0' ? "/" : text, O_PATH | O_DIRECTORY);
}

Result<Fd> require_running_binary(Result<Fd> file, bool on_overlay) {
  if (!file) return file;
  sys::FileStatus ours;
  sys::FileStatus theirs;
  if (sys::stat(AT_FDCWD, kSelf, 0, ours) && sys::stat(file.get(), "", AT_EMPTY_PATH, theirs) &&
      // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel has filled both
      (on_overlay ? sys::same_change(ours, theirs) : sys::same_file(ours, theirs))) {
    return file;
  }
  (void)sys::close(file.get());
  return Errno{ESTALE};
}

Result<Fd> finish_copy(Result<Fd> to, Copy how) { return copy_program(kSelf, to, how); }

}  // namespace stub::seal
