// Errors as values: a system call's result, or its errno.
#pragma once

#include "arch/syscall.h"
#include "syscalls/uapi.h"

namespace sys {

/// A kernel error number (errno(3)); 0 means no error.
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

  [[gnu::always_inline]] constexpr explicit operator bool() const { return error_ == 0; }
  [[nodiscard]] constexpr Errno error() const { return error_; }
  constexpr T& value() & { return value_; }
  constexpr const T& value() const& { return value_; }
  constexpr T&& value() && { return static_cast<T&&>(value_); }

 private:
  T value_{};
  Errno error_{};
};

/// An integer or void result is stored as the kernel's answer, one word. So the wrapper adds no
/// instruction that the caller does not need anyway.
template <class T>
concept Word = __is_same(T, void) || __is_same(T, int) || __is_same(T, size_t) ||
               __is_same(T, unsigned);

/// Whether the kernel's answer is -errno.
constexpr bool is_error(long answer) {
  return static_cast<unsigned long>(answer) >= static_cast<unsigned long>(-4095);
}

template <Word T>
class [[nodiscard]] Result<T> {
 public:
  /// From the kernel's answer.
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
  /// The errno. Meaningless if the call succeeded.
  [[nodiscard]] constexpr Errno error() const { return {static_cast<int>(-answer_)}; }
  constexpr T value() const { return static_cast<T>(answer_); }
  /// The kernel's answer.
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
    // NOLINTNEXTLINE(bugprone-sizeof-expression): T may be a pointer
    static_assert(sizeof(T) <= sizeof(long), "a value of 64 bits may be two words (arch/)");
    return (long)value;  // NOLINT: the only place that converts pointers and integers to words
  }
}

}  // namespace detail

/// Makes the system call `number` and returns the kernel's answer: a result, or -errno in
/// -4095..-1.
template <class... Args>
inline long raw(long number, Args... args) {
  return arch::syscall(number, detail::word(args)...);
}

/// The same, as a Result<T>. T is void, an integer, or Fd.
template <class T, class... Args>
inline Result<T> call(long number, Args... args) {
  const long answer = raw(number, args...);
  return Result<T>::of(answer);
}

/// The same, repeated while a signal handler interrupts it. Only for calls that have done nothing
/// when interrupted: never for close(2) or a call with a timeout.
template <class T, class... Args>
inline Result<T> call_again(long number, Args... args) {
  long answer;
  do {
    answer = raw(number, args...);
  } while (answer == -EINTR);
  return Result<T>::of(answer);
}

}  // namespace sys
