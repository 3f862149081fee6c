#include "tools/nsrun/common/id_ranges.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Fd;

namespace {

// The next number of a map's text.
sys::Number next_number(const char*& cursor) {
  while (*cursor == ' ' || *cursor == '\n') ++cursor;
  return sys::take_decimal(cursor, 0xffffffff);
}

void read_map(const Fd& map, sys::Span<char> buffer) {
  const size_t size =
      check(sys::read(map.get(), {reinterpret_cast<unsigned char*>(buffer.data), buffer.size - 1}),
            "read", "id map");
  buffer[size] = '\0';
}

}  // namespace

void append_mapped_ids(sys::StringBuilder& map, const Fd& own_map, sys::Span<char> buffer,
                       unsigned root) {
  read_map(own_map, buffer);
  const char* cursor = buffer.data;
  for (sys::Number inside = next_number(cursor); inside.valid; inside = next_number(cursor)) {
    (void)next_number(cursor);  // the id outside of this user namespace, which has no name here
    int64_t count = next_number(cursor).value;
    if (inside.value == 0 && root != 0) {
      map << root << " 0 1\n";
      ++inside.value;
      --count;
    }
    if (count != 0) map << inside.value << " " << inside.value << " " << count << "\n";
  }
}

unsigned mapped_id(const char* option, unsigned id) {
  if (option == nullptr) return id;
  const char* cursor = option;
  const auto next = [&] {
    const sys::Number number = sys::take_decimal(cursor, 0xffffffff);
    if (*cursor != '\0') ++cursor;
    return number.value;
  };
  while (*cursor != '\0') {
    const int64_t inside = next();
    const int64_t outside = next();
    const int64_t count = next();
    if (id >= inside && id - inside < count) return static_cast<unsigned>(outside + id - inside);
  }
  return ~0U;
}

sys::Number first_mapped_id(const Fd& own_map) {
  char buffer[64];
  read_map(own_map, {buffer, sizeof buffer});
  const char* cursor = buffer;
  return next_number(cursor);
}

}  // namespace nsrun
