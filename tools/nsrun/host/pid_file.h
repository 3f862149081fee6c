// --pid-file: appears whole, or not at all.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/process.h"

namespace nsrun {

/// A file with a pid in it. It is written under another name beside its place and then renamed, so
/// that no reader sees a half one, and no symlink is followed.
class PidFile {
 public:
  /// Ends nsrun where the file could not be written, or where something is there that is not a
  /// regular file. Makes nothing yet.
  void open(const char* path);
  [[nodiscard]] bool is_open() const { return directory_.is_open(); }
  /// In the container's process: nothing of the host's stays open.
  void forget() { directory_.reset(); }
  /// Makes the file, or replaces it.
  sys::Result<void> write(sys::Pid pid);
  /// Removes it, if write() has made it and it is the same one still.
  void remove() const;

 private:
  sys::Fd directory_;
  sys::FixedString<256> name_;  // NAME_MAX and a NUL
  bool written_ = false;
  uint64_t inode_ = 0;
};

}  // namespace nsrun
