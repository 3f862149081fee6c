// The lines of an id map, and the ranges of an id map: stub/bootstrap.cpp,
// tools/nsrun/common/id_ranges.cpp.
#include "stub/bootstrap.cpp"
#include "tools/nsrun/common/id_ranges.cpp"

#include "proofs/parsers/contracts.h"

namespace {
constexpr size_t kSize = N;
}

// A map of kSize characters.
extern "C" void id_map_lines() {
  const char* const map = proof::any_string(kSize);
  bool valid = true;
  unsigned fields = 0;
  size_t digits = 0;
  for (size_t i = 0; i < kSize; ++i) {
    if (proof::is_digit(map[i])) {
      fields += digits == 0;
      ++digits;
      valid = valid && digits <= 9;  // a number with more is another set's: id_map_limit
    } else {
      digits = 0;
      valid = valid && (map[i] == ' ' || (map[i] == '\n' && fields == 3));
      if (map[i] == '\n') fields = 0;
    }
  }
  const bool ends = kSize == 0 || map[kSize - 1] == '\n';
  valid = valid && (ends ? fields == 0 : fields == 3);
  PROVE(kSize <= 9 && stub::is_id_map(map) == valid);
}

// Each range that is taken has its numbers, and moves the cursor on.
extern "C" void id_range() {
  const char* const map = proof::any_string(kSize);
  const char* cursor = map;
  nsrun::MapRange range;
  const bool found = nsrun::take_range(cursor, range);
  PROVE(cursor >= map && cursor <= map + kSize);
  PROVE(!found || cursor > map);
  PROVE(range.inside >= 0 && range.inside <= 0xffffffff && range.outside >= 0 &&
        range.outside <= 0xffffffff);
  PROVE(range.count >= 0 && range.count <= 0xffffffff);
}

// take_range: any of kSize ranges.
namespace {
nsrun::MapRange ranges[kSize + 1];
size_t taken;
}  // namespace
extern "C" bool any_range(const char*& /*map*/, nsrun::MapRange& range) {
  if (taken == kSize) return false;
  range.inside = nondet_unsigned();
  range.outside = nondet_unsigned();
  range.count = nondet_unsigned();
  ranges[taken++] = range;
  return true;
}

// The first range that has the id decides.
extern "C" void mapped_id() {
  const unsigned id = nondet_unsigned();
  taken = 0;
  PROVE(nsrun::mapped_id(nullptr, id) == id);
  const unsigned mapped = nsrun::mapped_id("", id);
  for (size_t i = 0; i < taken; ++i) {
    if (id < ranges[i].inside || id >= ranges[i].inside + ranges[i].count) continue;
    PROVE(i + 1 == taken &&
          mapped == static_cast<unsigned>(id - ranges[i].inside + ranges[i].outside));
    return;
  }
  PROVE(taken == kSize && mapped == ~0U);
}
