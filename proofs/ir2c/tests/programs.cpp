// Programs whose verdicts are known: one without a mistake, and one mistake each. proofs/ir2c/test
// says what CBMC must find.
#include "proofs/parsers/harness.h"

namespace {

struct Pair {
  const char* text;
  size_t size;
};

int sum(Pair pair) {
  int total = 0;
  for (size_t i = 0; i < pair.size; ++i) total += pair.text[i];
  return total;
}

size_t length(const char* text) {
  size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}

}  // namespace

extern "C" void correct() {
  char* const text = proof::any_string(4);
  PROVE(length(text) == 4);
  const int total = sum({text, 4});
  PROVE(total <= 4 * 127 && total >= 4 * -128);
}
extern "C" void read_past_the_end() { (void)sum({proof::any_bytes(4), 5}); }
extern "C" void write_before_the_start() {
  proof::any_bytes(4)[-static_cast<int>(proof::any_size(0, 1))] = 1;
}
extern "C" void missing_nul() { (void)length(proof::any_bytes(4)); }
extern "C" void signed_overflow() { PROVE(nondet_int() + 1 != 0 || true); }
extern "C" void wide_shift() { PROVE((1U << proof::any_size(0, 32)) != 3); }
extern "C" void infinite_loop() {
  for (size_t i = 0; i < 4;) i += nondet_bool() ? 1 : 0;
}
extern "C" void array_index() {
  int values[4] = {1, 2, 3, 4};
  PROVE(values[proof::any_size(0, 4)] != 5);
}
extern "C" void wrong_claim() { PROVE(nondet_byte() != 77); }
extern "C" int missing_return(int value) {
  if (value != 5) return 1;
}
