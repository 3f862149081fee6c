// --pid-file: a file that appears complete or not at all.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/process.h"

namespace nsrun {

/// A file with a pid in it. It is written under another name in the same directory and then
/// renamed, so that no reader sees a part of it, and no symlink is followed.
class PidFile {
 public:
  /// Ends nsrun if the file could not be written, or if the path exists and is not a regular file.
  /// Creates nothing yet.
  void open(const char* path);
  [[nodiscard]] bool is_open() const { return directory_.is_open(); }
  /// For the container's process, which must not keep a file of the host's open.
  void forget() { directory_.reset(); }
  /// Creates or replaces the file.
  sys::Result<void> write(sys::Pid pid);
  /// Removes the file, if write() has created it and it is still the same file.
  void remove() const;

 private:
  sys::Fd directory_;
  sys::FixedString<256> name_;  // NAME_MAX and a NUL
  bool written_ = false;
  uint64_t inode_ = 0;
};

}  // namespace nsrun
