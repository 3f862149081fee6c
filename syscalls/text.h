// Views of bytes and text, and builders for short strings.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sys {

/// A view of an array of T: pointer and count. It owns nothing.
template <class T>
struct Span {
  T* data = nullptr;
  size_t size = 0;

  constexpr T& operator[](size_t index) const { return data[index]; }
  constexpr T* begin() const { return data; }
  constexpr T* end() const { return data + size; }
  [[nodiscard]] constexpr bool empty() const { return size == 0; }
  [[nodiscard]] constexpr Span from(size_t start) const { return {data + start, size - start}; }
  [[nodiscard]] constexpr Span first(size_t count) const { return {data, count}; }
};

using Bytes = Span<const unsigned char>;

/// A view of characters, not NUL-terminated.
class Text {
 public:
  constexpr Text() = default;
  constexpr Text(const char* data, size_t size) : data_(data), size_(size) {}
  /// From a literal, whose size the compiler knows. Implicit on purpose.
  template <size_t SizeWithNul>
  constexpr Text(const char (&literal)[SizeWithNul])  // NOLINT(google-explicit-constructor)
      : data_(literal), size_(SizeWithNul - 1) {}
  /// From any NUL-terminated string.
  static constexpr Text of(const char* string) {
    const char* end = string;
    while (*end != '\0') ++end;
    return {string, static_cast<size_t>(end - string)};
  }

  [[nodiscard]] constexpr const char* data() const { return data_; }
  [[nodiscard]] constexpr size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  constexpr char operator[](size_t index) const { return data_[index]; }
  [[nodiscard]] constexpr const char* begin() const { return data_; }
  [[nodiscard]] constexpr const char* end() const { return data_ + size_; }
  [[nodiscard, gnu::always_inline]] constexpr Text from(size_t start) const {
    return {data_ + start, size_ - start};
  }
  [[nodiscard, gnu::always_inline]] constexpr Text first(size_t count) const {
    return {data_, count};
  }

  /// Index of the first `wanted`, or size() if there is none.
  [[nodiscard]] constexpr size_t find(char wanted) const {
    size_t index = 0;
    while (index < size_ && data_[index] != wanted) ++index;
    return index;
  }
  [[nodiscard]] constexpr bool contains(char wanted) const { return find(wanted) < size_; }

  [[nodiscard]] constexpr bool starts_with(Text prefix) const {
    return size_ >= prefix.size_ && first(prefix.size_) == prefix;
  }

  friend constexpr bool operator==(Text a, Text b) {
    if (a.size_ != b.size_) return false;
    for (size_t i = 0; i < a.size_; ++i) {
      if (a.data_[i] != b.data_[i]) return false;
    }
    return true;
  }

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

/// Splits `text` at each `separator`: `for (Splitter s(text, ','); s.more();) use(s.next());` "a,b"
/// gives a and b; "a," gives a and an empty piece; an empty text gives nothing.
class Splitter {
 public:
  [[gnu::noinline]] constexpr Splitter(Text text, char separator)
      : rest_(text), separator_(separator), more_(!text.empty()) {}

  [[nodiscard]] constexpr bool more() const { return more_; }
  constexpr Text next() {
    const size_t at = rest_.find(separator_);
    const Text piece = rest_.first(at);
    more_ = at < rest_.size();
    rest_ = more_ ? rest_.from(at + 1) : Text();
    return piece;
  }

 private:
  Text rest_;
  char separator_;
  bool more_;
};

/// A whole number read from text, or `valid` is false.
struct Number {
  int64_t value = 0;
  bool valid = false;
};

/// Reads a decimal number from 0 to `most` and moves `cursor` past it. Not valid if there is no
/// digit, or the number is larger.
constexpr Number take_decimal(const char*& cursor, int64_t most) {
  Number number;
  // NOLINTNEXTLINE(clang-analyzer-core.*): does not see what StringBuilder wrote
  for (; *cursor >= '0' && *cursor <= '9'; ++cursor) {
    number.value = number.value * 10 + (*cursor - '0');
    number.valid = true;
    if (number.value > most) return {};
  }
  return number;
}

/// The same with an optional minus sign: from -`most` to `most`.
constexpr Number take_signed_decimal(const char*& cursor, int64_t most) {
  const bool negative = *cursor == '-';
  if (negative) ++cursor;
  Number number = take_decimal(cursor, most);
  if (negative) number.value = -number.value;
  return number;
}

/// Reads all of `string` as a decimal number from 0 to `most`; anything but digits is not valid.
constexpr Number parse_decimal(const char* string, int64_t most) {
  const Number number = take_decimal(string, most);
  return *string == '\0' ? number : Number{};
}

/// Reads the hexadecimal number after `name` from a line like "CapBnd:\t000001ff" of
/// /proc/PID/status. Returns false if the line does not begin with `name`.
constexpr bool take_hexadecimal(Text line, Text name, uint64_t& value) {
  if (!line.starts_with(name)) return false;
  value = 0;
  for (const char c : line.from(name.size())) {
    const auto digit = static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    value = value << 4 | (digit & 15);
  }
  return true;
}

/// The length of a NUL-terminated string.
constexpr size_t length(const char* string) {
  size_t size = 0;
  // NOLINTNEXTLINE(clang-analyzer-core.*): does not see what StringBuilder wrote
  while (string[size] != '\0') ++size;
  return size;
}

/// The `index`-th of consecutive NUL-terminated strings. Such a table has no pointers, so it needs
/// no relocation.
constexpr const char* entry(const char* strings, size_t index) {
  for (; index != 0; --index) strings += length(strings) + 1;
  return strings;
}

/// Whether two NUL-terminated strings are equal.
constexpr bool same(const char* a, const char* b) {
  // NOLINTNEXTLINE(clang-analyzer-core.*): does not see what StringBuilder wrote
  while (*a != '\0' && *a == *b) ++a, ++b;
  // NOLINTNEXTLINE(clang-analyzer-core.*): does not see what StringBuilder wrote
  return *a == *b;
}

/// The decimal digits of a number, for a message or a path.
class Decimal {
 public:
  constexpr explicit Decimal(int64_t value) {
    const bool negative = value < 0;
    uint64_t rest = negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    do {
      digits_[--start_] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    if (negative) digits_[--start_] = '-';
  }
  [[nodiscard]] constexpr const char* c_str() const { return digits_ + start_; }
  [[nodiscard]] constexpr Text text() const { return {c_str(), sizeof digits_ - 1 - start_}; }

 private:
  char digits_[21] = {};  // the longest number and a NUL
  size_t start_ = sizeof digits_ - 1;
};

/// Builds a NUL-terminated text from pieces, in a buffer of fixed size. It drops what does not fit;
/// truncated() then is true.
class StringBuilder {
 public:
  explicit StringBuilder(Span<char> memory) : memory_(memory) { memory_[0] = '\0'; }
  StringBuilder(const StringBuilder&) = delete;
  StringBuilder& operator=(const StringBuilder&) = delete;

  StringBuilder& operator<<(Text text) {
    for (const char c : text) {
      if (size_ + 1 >= memory_.size) {
        truncated_ = true;
        break;
      }
      memory_[size_++] = c;
    }
    memory_[size_] = '\0';
    return *this;
  }
  StringBuilder& operator<<(const char* string) { return *this << Text::of(string); }
  StringBuilder& operator<<(int64_t number) { return *this << Decimal(number).c_str(); }

  void clear() {
    size_ = 0;
    memory_[0] = '\0';
    truncated_ = false;
  }
  [[nodiscard]] const char* c_str() const { return memory_.data; }
  [[nodiscard, gnu::always_inline]] Text text() const { return {memory_.data, size_}; }
  [[nodiscard]] bool truncated() const { return truncated_; }

 private:
  Span<char> memory_;
  size_t size_ = 0;
  bool truncated_ = false;
};

/// A StringBuilder with its own buffer of `Capacity` bytes, including the NUL.
template <size_t Capacity>
class FixedString : public StringBuilder {
 public:
  FixedString() : StringBuilder({characters_, Capacity}) { characters_[0] = '\0'; }
  /// From one text, for example a path that a system call needs NUL-terminated.
  explicit FixedString(Text text) : FixedString() { *this << text; }

 private:
  char characters_[Capacity];
};

/// Fits one number and a short phrase.
using ShortString = FixedString<64>;

/// A path for a system call: PATH_MAX (4096, <linux/limits.h>) counts the NUL.
using Path = FixedString<4096>;

}  // namespace sys
