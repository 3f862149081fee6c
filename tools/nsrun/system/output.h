// What a container says.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace nsrun {

/// Prints what comes through a pipe line by line, behind a name.
class NamedOutput {
 public:
  // A longer line comes in pieces, each behind the name.
  static constexpr size_t kLongestPiece = 1024;
  static constexpr size_t kLongestName = 64;  // as Config has it
  /// Of a line as it is printed, each byte as \xNN.
  static constexpr size_t kLongestLine =
      kLongestName + sizeof ": " + 4 * kLongestPiece + sizeof "\n";

  /// `line` is memory of kLongestLine to put a line together in.
  void configure(const char* name, sys::Span<char> line) {
    name_ = name;
    line_ = line;
  }
  /// From a non-blocking pipe.
  void start(sys::Fd pipe) { pipe_ = static_cast<sys::Fd&&>(pipe); }
  [[nodiscard]] int get() const { return pipe_.get(); }

  /// Prints what there is.
  void print();
  /// Prints the rest, until there is no more, and closes the pipe.
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
