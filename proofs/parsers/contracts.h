// Contracts: what a function does, as far as its callers may rely on it. A harness calls the
// contract in place of the function (`replaced` in properties.py). Another set proves that the
// function keeps it.
#pragma once

#include "proofs/parsers/harness.h"
#include "syscalls/text.h"

namespace proof {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// The text of the last number that any_decimal has made.
inline const char* decimal = nullptr;

}  // namespace proof

#ifdef CONTRACT_DIGITS
// sys::Decimal(value), where the text has CONTRACT_DIGITS characters: digits, or a minus sign and
// digits. The set decimal-of-int proves this for every int.
extern "C" void any_decimal(sys::Decimal* made, int64_t /*value*/) {
  constexpr size_t kEnd = sizeof made->digits_ - 1;
  made->start_ = kEnd - CONTRACT_DIGITS;
  for (size_t i = 0; i < CONTRACT_DIGITS; ++i) {
    char c = static_cast<char>(nondet_byte());
    __CPROVER_assume(proof::is_digit(c) || (c == '-' && i == 0));
    made->digits_[kEnd - CONTRACT_DIGITS + i] = c;
  }
  made->digits_[kEnd] = '\0';
  proof::decimal = made->c_str();
}
// sys::Text::of(string), where the length of a number's text is known beforehand. This is proved,
// and makes the length a constant for the model checker.
extern "C" sys::Text text_of(const char* string) {
  size_t size = 0;
  if (string == proof::decimal) {
    for (; size < CONTRACT_DIGITS; ++size) PROVE(string[size] != '\0');
    PROVE(string[CONTRACT_DIGITS] == '\0');
  } else {
    while (string[size] != '\0') ++size;
  }
  return {string, size};
}
#endif

// sys::take_decimal(cursor, most): any number up to `most`, and the cursor behind the digits. Or no
// number, and the cursor at a place up to there. The sets take-decimal and take-largest-decimal
// prove this.
extern "C" sys::Number any_number(const char*& cursor, int64_t most) {
  sys::Number number;
  if (!proof::is_digit(*cursor)) return number;
  if (nondet_bool()) {
    for (; proof::is_digit(*cursor) && nondet_bool(); ++cursor) {
    }
    return number;
  }
  while (proof::is_digit(*cursor)) ++cursor;
  number.valid = true;
  number.value = nondet_long();
  __CPROVER_assume(number.value >= 0 && number.value <= most);
  return number;
}
