// The arguments of newuidmap(1): stub/id_map.h.
#include "stub/id_map.h"

#include "proofs/parsers/harness.h"

namespace {

bool is_separator(char c) { return c == ' ' || c == '\n'; }

}  // namespace

#ifndef N
#define N 8
#endif

extern "C" void map_numbers() {
  constexpr size_t kLength = N;
  char* const map = proof::any_string(kLength);
  char before[kLength + 1];
  for (size_t i = 0; i <= kLength; ++i) before[i] = map[i];
  const size_t most = stub::most_numbers(kLength);
  const char* arguments[stub::most_numbers(kLength)];
  const char** const end = stub::take_numbers(map, arguments);
  const auto count = static_cast<size_t>(end - arguments);
  PROVE(count <= most);
  // Each word of the map is one argument, in order, and ends with a NUL.
  size_t found = 0;
  for (size_t i = 0; i < kLength; ++i) {
    const bool starts = !is_separator(before[i]) && (i == 0 || is_separator(before[i - 1]));
    if (starts) {
      PROVE(found < count && arguments[found] == map + i);
      ++found;
    }
    PROVE(is_separator(before[i]) ? map[i] == '\0' : map[i] == before[i]);
  }
  PROVE(found == count);
  PROVE(map[kLength] == '\0');
}
