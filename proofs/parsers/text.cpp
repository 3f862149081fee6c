// Builders and readers of short texts: syscalls/text.h.
#include "syscalls/text.h"

#include "proofs/parsers/harness.h"

namespace {
constexpr size_t kSize = N;
bool is_digit(char c) { return c >= '0' && c <= '9'; }
}  // namespace

// Every int: what the stub writes as a number is a pid, a descriptor or an errno.
extern "C" void decimal_of_int() {
  const int value = nondet_int();
  const sys::Decimal decimal(value);
  const char* const text = decimal.c_str();
  PROVE(text >= decimal.digits_ && text < decimal.digits_ + 20);
  PROVE(sys::length(text) <= 11 && decimal.text().size() == sys::length(text));
  PROVE((text[0] == '-') == (value < 0));
  for (const char* at = text + (value < 0 ? 1 : 0); *at != '\0'; ++at) PROVE(is_digit(*at));
}

// A text of kSize characters into a buffer of any size from 1 to 6 with any content before it.
extern "C" void string_builder() {
  constexpr size_t kMost = 6;
  const size_t capacity = proof::any_size(1, kMost);
  char* const memory = proof::any_bytes(kMost) + (kMost - capacity);
  sys::StringBuilder builder({memory, capacity});
  const size_t before = proof::any_size(0, capacity - 1);
  builder.size_ = before;
  const char* const text = proof::any_string(kSize);
  builder << text;
  const size_t fits = kSize < capacity - 1 - before ? kSize : capacity - 1 - before;
  PROVE(builder.size_ == before + fits && builder.size_ < capacity);
  PROVE(memory[builder.size_] == '\0');
  PROVE(builder.truncated() == (fits < kSize));
  for (size_t i = 0; i < kSize; ++i) {
    if (i < fits) PROVE(memory[before + i] == text[i]);
  }
}
extern "C" void fixed_string() {
  const char* const text = proof::any_bytes(kSize);
  const sys::FixedString<4> string(sys::Text(text, kSize));
  PROVE(string.text().size() == (kSize < 3 ? kSize : 3) && string.truncated() == (kSize > 3));
  PROVE(string.c_str()[string.text().size()] == '\0');
}

// A text of kSize characters, with the limit of ids, and with the largest limit at which the next
// digit cannot overflow.
template <int64_t most>
void take_decimal_up_to() {
  const char* const text = proof::any_string(kSize);
  const char* cursor = text;
  const sys::Number number = sys::take_decimal(cursor, most);
  size_t digits = 0;
  int64_t value = 0;
  while (digits < kSize && is_digit(text[digits]) && value <= most) {
    value = value * 10 + (text[digits] - '0');
    ++digits;
  }
  PROVE(number.valid == (digits != 0 && value <= most));
  PROVE(number.value == (number.valid ? value : 0));
  PROVE(cursor >= text && cursor <= text + kSize);
  if (number.valid) PROVE(cursor == text + digits);
}
extern "C" void take_decimal() { take_decimal_up_to<0xffffffff>(); }
extern "C" void take_largest_decimal() { take_decimal_up_to<INT64_MAX / 10 - 9>(); }
extern "C" void take_signed_decimal() {
  const char* const text = proof::any_string(kSize);
  const char* cursor = text;
  const sys::Number number = sys::take_signed_decimal(cursor, INT32_MAX);
  PROVE(cursor >= text && cursor <= text + kSize);
  PROVE(number.value >= -INT32_MAX && number.value <= INT32_MAX);
  if (number.valid) PROVE(is_digit(text[0]) || (text[0] == '-' && number.value <= 0));
}

// Pieces lie in the text, one after the other, and only separators lie between them.
extern "C" void splitter() {
  const char* const text = proof::any_bytes(kSize);
  size_t at = 0;
  size_t pieces = 0;
  for (sys::Splitter parts(sys::Text(text, kSize), ','); parts.more();) {
    const sys::Text piece = parts.next();
    PROVE(piece.data() == text + at && at + piece.size() <= kSize);
    PROVE(!piece.contains(','));
    at += piece.size();
    if (at < kSize) PROVE(text[at] == ',');
    ++at;
    ++pieces;
  }
  PROVE(kSize == 0 ? pieces == 0 : at == kSize + 1);
}
