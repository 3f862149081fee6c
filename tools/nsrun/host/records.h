// The stages' log records, made readable.
#pragma once

#include "syscalls/memory.h"
#include "syscalls/text.h"

namespace nsrun {

/// Reads records from the log pipe and prints them on stderr, a line each; debug records only with
/// times.
class RecordPrinter {
 public:
  /// `start` as CLOCK_MONOTONIC nanoseconds, from which the times count; 0: no times, no levels.
  /// `quiet`: errors alone.
  RecordPrinter(int64_t start, bool quiet) : start_(start), quiet_(quiet) {}

  /// Of that fd, which is the directory below /proc of a process to join, its pid is shown.
  void rename(int fd, const char* pid) {
    if (renamed_count_ < kMostRenamed) renamed_[renamed_count_++] = {fd, pid};
  }

  /// Reads what there is in a non-blocking pipe.
  enum State { kRead, kNothingYet, kEnd };
  State read_from(int pipe);

  /// How the stub has sealed the binary, by its records so far.
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

/// The inside of a JSON string as text again.
void append_unescaped(sys::StringBuilder& out, sys::Text json);

}  // namespace nsrun
