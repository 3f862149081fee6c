// What libc has told the kernel about its thread, where a libc has run before the stub: ld.so in a
// dynamic program. fork drops it, and stage 2 is a fork of a fork.
#pragma once

#include "syscalls/process.h"

namespace stub {

/// Taken down in stage 0 and put back in stage 2, so that libc's next look at its own thread is
/// right: pthread_mutex_lock, raise and abort use the tid that libc has stored.
class LibcThread {
 public:
  /// Remembers it as it is now. In a program that no libc has touched yet there is nothing.
  void remember();

  /// Registers the same again for this process, and corrects the tid where libc stored it.
  void restore() const;

 private:
  int* tid_address_ = nullptr;
  bool holds_tid_ = false;
  sys::RobustList robust_list_;
};

}  // namespace stub
