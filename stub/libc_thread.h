// In a dynamic program, ld.so runs before the stub. It registers its thread with the kernel and
// stores the tid. fork drops the registration and makes the stored tid wrong, and stage 2 is a fork
// of a fork. This restores both.
#pragma once

#include "syscalls/process.h"

namespace stub {

/// Saved in stage 0 and restored in stage 2, as libc's own fork does.
class LibcThread {
 public:
  /// Saves the current state. If no libc has run in the program yet, there is none.
  void remember();

  /// Whether it is certain that no libc has run in this process.
  [[nodiscard]] bool is_absent() const { return absent_; }

  /// Registers the same for this process again, and corrects libc's stored tid, which raise, abort
  /// and pthread_mutex_lock use.
  void restore() const;

 private:
  int* tid_address_ = nullptr;
  int* stored_tid_ = nullptr;
  sys::RobustList robust_list_;
  bool absent_ = false;
};

}  // namespace stub
