// Errors as values: what a system call gave, or the errno that says why not.
#pragma once

#include "arch/syscall.h"
#include "syscalls/uapi.h"

namespace sys {

/// A kernel error number (errno(3)); 0 is "none".
struct Errno {
  int number = 0;

  friend constexpr bool operator==(Errno a, Errno b) { return a.number == b.number; }
  friend constexpr bool operator==(Errno a, int b) { return a.number == b; }
};

/// Either a T or an Errno. `if (!result) use(result.error());` else `result.value()`.
template <class T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(static_cast<T&&>(value)) {}  // NOLINT: implicit on purpose
  constexpr Result(Errno error) : error_(error) {}                // NOLINT: implicit on purpose

  constexpr explicit operator bool() const { return error_ == 0; }
  [[nodiscard]] constexpr Errno error() const { return error_; }
  constexpr T& value() & { return value_; }
  constexpr const T& value() const& { return value_; }
  constexpr T&& value() && { return static_cast<T&&>(value_); }

 private:
  T value_{};
  Errno error_{};
};

/// A result that is an integer, or nothing, stays the one word that the kernel answered: the
/// wrapper costs no instruction that a caller would not need anyhow.
template <class T>
concept Word = __is_same(T, void) || __is_same(T, int) || __is_same(T, size_t) ||
               __is_same(T, unsigned);

/// Whether a system call's answer is -errno.
constexpr bool is_error(long answer) {
  return static_cast<unsigned long>(answer) >= static_cast<unsigned long>(-4095);
}

template <Word T>
class [[nodiscard]] Result<T> {
 public:
  /// From a system call's answer.
  static constexpr Result of(long answer) {
    Result result;
    result.answer_ = answer;
    return result;
  }
  constexpr Result() = default;
  constexpr Result(Errno error) : answer_(-error.number) {}  // NOLINT: implicit on purpose
  template <class Value>
  requires(__is_same(Value, T)) constexpr Result(Value value)  // NOLINT: implicit on purpose
      : answer_(static_cast<long>(value)) {}

  constexpr explicit operator bool() const { return !is_error(answer_); }
  /// Of a failure. Of a success: no number that errno(3) has.
  [[nodiscard]] constexpr Errno error() const { return {static_cast<int>(-answer_)}; }
  constexpr T value() const { return static_cast<T>(answer_); }
  /// The word itself.
  [[nodiscard]] constexpr long release() const { return answer_; }

 private:
  long answer_ = 0;
};

namespace detail {

template <class T>
long word(T value) {
  if constexpr (__is_class(T) || __is_union(T)) {
    static_assert(!sizeof(T), "a system call takes words and pointers");
  } else {
    return (long)value;  // NOLINT: the one place where pointers and integers become words
  }
}

}  // namespace detail

/// The system call `number` as the kernel answers it: a result, or -errno in -4095..-1.
template <class... Args>
inline long raw(long number, Args... args) {
  return arch::syscall(number, detail::word(args)...);
}

/// The same as a Result<T>; T is void, an integer, or Fd.
template <class T, class... Args>
inline Result<T> call(long number, Args... args) {
  const long answer = raw(number, args...);
  return Result<T>::of(answer);
}

/// The same, asked again for as long as a signal handler interrupts it: for calls that have then
/// done nothing (never close(2), never a call with a timeout).
template <class T, class... Args>
inline Result<T> call_again(long number, Args... args) {
  long answer;
  do {
    answer = raw(number, args...);
  } while (answer == -EINTR);
  return Result<T>::of(answer);
}

}  // namespace sys
