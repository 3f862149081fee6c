// What libc has told the kernel about its thread, and itself about its tid, where a libc has run
// before the stub: ld.so in a dynamic program. fork drops the one and makes the other wrong, and
// stage 2 is a fork of a fork.
#pragma once

#include "syscalls/process.h"

namespace stub {

/// Taken down in stage 0 and put right in stage 2. libc's own fork does the same.
class LibcThread {
 public:
  /// Remembers it as it is now. In a program that no libc has touched yet there is nothing.
  void remember();

  /// Whether it is certain that no libc has run in this process.
  [[nodiscard]] bool is_absent() const { return absent_; }

  /// Registers the same again for this process, and corrects the tid where libc stored it: raise,
  /// abort and pthread_mutex_lock use that.
  void restore() const;

 private:
  int* tid_address_ = nullptr;
  int* stored_tid_ = nullptr;
  sys::RobustList robust_list_;
  bool absent_ = false;
};

}  // namespace stub
