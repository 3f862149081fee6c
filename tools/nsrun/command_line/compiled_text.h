// Texts that the compiler builds from the option table, as character arrays.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Writes a text. Without memory, it only counts the characters.
class TextWriter {
 public:
  constexpr explicit TextWriter(char* memory) : memory_(memory) {}

  constexpr void put(char c) {
    if (memory_ != nullptr) memory_[size_] = c;
    ++size_;
    column_ = c == '\n' ? 0 : column_ + 1;
  }
  constexpr void put(const char* text) {
    for (; *text != '\0'; ++text) put(*text);
  }
  constexpr void indent(size_t column) {
    while (column_ < column) put(' ');
  }
  [[nodiscard]] constexpr size_t size() const { return size_; }
  [[nodiscard]] constexpr size_t column() const { return column_; }

 private:
  char* memory_;
  size_t size_ = 0;
  size_t column_ = 0;
};

template <size_t kSize>
struct CompiledText {
  char characters[kSize] = {};
};

/// The text that `kWrite`, a function with a TextWriter parameter, writes; with a NUL at its end.
template <auto kWrite>
consteval auto compiled_text() {
  constexpr size_t kSize = [] {
    TextWriter counter(nullptr);
    kWrite(counter);
    return counter.size();
  }();
  CompiledText<kSize + 1> text;
  TextWriter writer(text.characters);
  kWrite(writer);
  return text;
}

}  // namespace nsrun
