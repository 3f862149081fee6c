#include "tools/nsrun/common/id_ranges.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

void append_mapped_ids(sys::StringBuilder& map, const Fd& own_map, sys::Span<char> buffer) {
  const size_t size = check(
      sys::read(own_map.get(), {reinterpret_cast<unsigned char*>(buffer.data), buffer.size - 1}),
      "read", "id map");
  buffer[size] = '\0';
  const char* cursor = buffer.data;
  const auto next = [&] {
    while (*cursor == ' ' || *cursor == '\n') ++cursor;
    return sys::take_decimal(cursor, 0xffffffff);
  };
  for (sys::Number inside = next(); inside.valid; inside = next()) {
    (void)next();  // the id outside of this user namespace, which has no name here
    map << inside.value << " " << inside.value << " " << next().value << "\n";
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

unsigned mapped_root(const char* option) {
  if (option == nullptr) return 0;
  for (sys::Splitter ranges(Text::of(option), ','); ranges.more();) {
    const sys::ShortString range(ranges.next());
    const char* cursor = range.c_str();
    const sys::Number inside = sys::take_decimal(cursor, 0xffffffff);
    if (!inside.valid || inside.value != 0 || *cursor != ':') continue;
    return static_cast<unsigned>(sys::take_decimal(++cursor, 0xffffffff).value);
  }
  return 0;
}

}  // namespace nsrun
