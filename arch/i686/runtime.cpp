// i686: the functions that compilers call for what the machine cannot do with 64 bits in a few
// instructions. Other programs have them from libgcc. Hidden, so that they never clash with those.
#include <stdint.h>

namespace {

// The quotient; `n` becomes the remainder. Bit by bit, which is the shortest.
uint64_t divide(uint64_t& n, uint64_t d) {
  uint64_t quotient = n;
  uint64_t rest = 0;
  for (int bit = 64; bit > 0; --bit) {
    const bool carry = (rest >> 63) != 0;
    rest = rest << 1 | quotient >> 63;
    quotient <<= 1;
    if (!carry && rest < d) continue;
    rest -= d;
    ++quotient;
  }
  n = rest;
  return quotient;
}

constexpr uint64_t magnitude(int64_t n) {
  return n < 0 ? 0 - static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
}
constexpr int64_t with_sign(uint64_t n, bool negative) {
  return static_cast<int64_t>(negative ? 0 - n : n);
}

}  // namespace

extern "C" {

[[gnu::used]] uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t* rest) {
  const uint64_t quotient = divide(n, d);
  *rest = n;
  return quotient;
}

[[gnu::used]] uint64_t __udivdi3(uint64_t n, uint64_t d) { return divide(n, d); }

[[gnu::used]] uint64_t __umoddi3(uint64_t n, uint64_t d) {
  (void)divide(n, d);
  return n;
}

[[gnu::used]] int64_t __divmoddi4(int64_t n, int64_t d, int64_t* rest) {
  uint64_t left = magnitude(n);
  const uint64_t quotient = divide(left, magnitude(d));
  *rest = with_sign(left, n < 0);
  return with_sign(quotient, (n < 0) != (d < 0));
}

[[gnu::used]] int64_t __divdi3(int64_t n, int64_t d) {
  int64_t rest = 0;
  return __divmoddi4(n, d, &rest);
}

[[gnu::used]] int64_t __moddi3(int64_t n, int64_t d) {
  int64_t rest = 0;
  (void)__divmoddi4(n, d, &rest);
  return rest;
}
}
