// The stages' log records, made readable.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Reads records from the log pipe and prints them on stderr, a line each.
class RecordPrinter {
 public:
  /// `start` as CLOCK_MONOTONIC nanoseconds, from which the times count; 0: no times, no levels.
  explicit RecordPrinter(int64_t start) : start_(start) {}

  /// Reads what there is. False: the pipe has ended.
  bool read_from(int pipe);

 private:
  void print(sys::Text record) const;

  int64_t start_;
  size_t size_ = 0;
  char buffer_[8192];
};

/// The inside of a JSON string as text again.
void append_unescaped(sys::StringBuilder& out, sys::Text json);

}  // namespace nsrun
