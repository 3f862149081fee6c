// Owners of file descriptors.
#pragma once

#include "syscalls/result.h"

namespace sys {

/// Closes a borrowed number. close(2) frees the fd even if it fails with EINTR, so it is never
/// retried.
inline Result<void> close(int fd) { return call<void>(__NR_close, fd); }

/// Closes its file descriptor at the end of its scope. A raw `int` in a signature is borrowed.
class [[nodiscard]] Fd {
 public:
  constexpr Fd() = default;
  constexpr explicit Fd(long number) : number_(static_cast<int>(number)) {}
  constexpr Fd(Fd&& other) noexcept : number_(other.release()) {}
  [[gnu::always_inline]] constexpr Fd& operator=(Fd&& other) noexcept {
    reset();
    number_ = other.release();
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  constexpr ~Fd() { reset(); }

  [[nodiscard]] constexpr int get() const { return number_; }
  [[nodiscard]] constexpr bool is_open() const { return number_ >= 0; }
  constexpr void reset() {
    if (number_ >= 0) (void)sys::close(release());
  }
  /// Returns the number and does not close it any more.
  constexpr int release() {
    const int number = number_;
    number_ = -1;
    return number;
  }

 private:
  int number_ = -1;
};

/// An Fd or an Errno. It stores the kernel's answer, one word that fits a register. The owning Fd
/// exists only after value() is called.
template <>
class [[nodiscard]] Result<Fd> {
 public:
  static constexpr Result of(long answer) { return Result(answer); }
  constexpr Result(Errno error) : answer_(-error.number) {}  // NOLINT: implicit on purpose

  constexpr explicit operator bool() const { return answer_ >= 0; }
  /// The errno. Meaningless if the call succeeded.
  [[nodiscard]] constexpr Errno error() const { return {static_cast<int>(-answer_)}; }
  /// Makes the owner. Call it once.
  [[nodiscard]] constexpr Fd value() const { return Fd(answer_); }
  /// Returns the fd's number, borrowed.
  [[nodiscard]] constexpr int get() const { return static_cast<int>(answer_); }
  /// The kernel's answer.
  [[nodiscard]] constexpr long release() const { return answer_; }

 private:
  constexpr explicit Result(long answer) : answer_(answer) {}

  long answer_;
};

}  // namespace sys
