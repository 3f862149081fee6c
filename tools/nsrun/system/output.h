// The output of a supervised container.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace nsrun {

/// Prints the data from a pipe line by line, with a name in front of each line.
class NamedOutput {
 public:
  // A longer line is printed in pieces, each with the name in front of it.
  static constexpr size_t kLongestPiece = 1024;
  static constexpr size_t kLongestName = 64;  // the limit in Config
  /// The size of the longest printed line, in which each byte is printed as \xNN.
  static constexpr size_t kLongestLine =
      kLongestName + sizeof ": " + 4 * kLongestPiece + sizeof "\n";

  /// `line` is memory of kLongestLine bytes, in which a line is built.
  void configure(const char* name, sys::Span<char> line) {
    name_ = name;
    line_ = line;
  }
  /// Starts to read from `pipe`, which must be non-blocking.
  void start(sys::Fd pipe) { pipe_ = static_cast<sys::Fd&&>(pipe); }
  [[nodiscard]] int get() const { return pipe_.get(); }

  /// Reads once, and prints the lines that are complete.
  void print();
  /// Prints all that is still in the pipe, and closes the pipe.
  void print_rest();

 private:
  void print_line(sys::Text line) const;
  void end();

  const char* name_ = nullptr;
  sys::Span<char> line_;
  sys::Fd pipe_;
  size_t size_ = 0;
  char buffer_[kLongestPiece];
};

}  // namespace nsrun
