// Lines of /proc/PID/status: syscalls/text.h.
#include "proofs/parsers/harness.h"
#include "syscalls/text.h"

namespace {
constexpr size_t kSize = N;
}

// A line of kSize characters, of /proc/PID/status.
extern "C" void hexadecimal_line() {
  const char* const text = proof::any_bytes(kSize);
  uint64_t value = nondet_unsigned_long();
  const uint64_t before = value;
  const bool is_it = sys::take_hexadecimal(sys::Text(text, kSize), "CapBnd:\t", value);
  if (!is_it) PROVE(value == before);
  if (kSize < 8) PROVE(!is_it);
  if (is_it) PROVE(text[0] == 'C' && text[7] == '\t');
  if (is_it && kSize == 8) PROVE(value == 0);
  if (is_it && kSize == 10 && text[8] == 'f' && text[9] == '0') PROVE(value == 0xf0);
}
