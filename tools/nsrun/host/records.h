// Prints the stages' log records in readable form.
#pragma once

#include "syscalls/memory.h"
#include "syscalls/text.h"

namespace nsrun {

/// Reads records from the log pipe and prints them on stderr, one a line. Prints debug records only
/// if it prints times.
class RecordPrinter {
 public:
  /// `start` is when the times begin, in CLOCK_MONOTONIC nanoseconds; 0: no times and no levels.
  /// `quiet`: errors only.
  RecordPrinter(int64_t start, bool quiet) : start_(start), quiet_(quiet) {}

  /// Prints `pid` instead of `fd`, which is the directory of a process to join below /proc.
  void rename(int fd, const char* pid) {
    if (renamed_count_ < kMostRenamed) renamed_[renamed_count_++] = {fd, pid};
  }

  /// Reads what is in a non-blocking pipe.
  enum State { kRead, kNothingYet, kEnd };
  State read_from(int pipe);

  /// How the stub has sealed the binary, according to the records so far.
  [[nodiscard]] sys::Text seal() const { return seal_.text(); }

 private:
  void print(sys::Text record);
  void take_down_seal(sys::Text record);
  static bool explain(sys::StringBuilder& out, sys::Text message);
  void append_message(sys::StringBuilder& out, sys::Text message) const;
  void append_renamed(sys::StringBuilder& out, sys::Text message) const;

  static constexpr size_t kMostRenamed = 8;
  struct Renamed {
    int fd;
    const char* pid;
  };

  Renamed renamed_[kMostRenamed];
  size_t renamed_count_ = 0;
  int64_t start_;
  bool quiet_;
  sys::ShortString seal_;
  size_t size_ = 0;
  sys::Mapping buffer_;
};

/// Appends the inside of a JSON string, without its escapes.
void append_unescaped(sys::StringBuilder& out, sys::Text json);

}  // namespace nsrun
