#include "tools/nsrun/common/id_ranges.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Fd;

void read_map(const Fd& map, sys::Span<char> buffer) {
  const size_t size =
      check(sys::read(map.get(), {reinterpret_cast<unsigned char*>(buffer.data), buffer.size - 1}),
            "read", "id map");
  buffer[size] = '\0';
}

void append_mapped_ids(sys::StringBuilder& map, const Fd& own_map, sys::Span<char> buffer,
                       unsigned root) {
  read_map(own_map, buffer);
  const char* cursor = buffer.data;
  // The outside id cannot be named in this user namespace, so the inside id stands in both columns.
  for (MapRange range; take_range(cursor, range);) {
    if (range.inside == 0 && root != 0) {
      map << root << " 0 1\n";
      ++range.inside;
      --range.count;
    }
    if (range.count == 0) continue;
    map << range.inside << " " << range.inside << " " << range.count << "\n";
  }
}

unsigned mapped_id(const char* option, unsigned id) {
  if (option == nullptr) return id;
  for (MapRange range; take_range(option, range);) {
    if (id >= range.inside && id - range.inside < range.count) {
      return static_cast<unsigned>(range.outside + id - range.inside);
    }
  }
  return ~0U;
}

sys::Number first_mapped_id(const Fd& own_map) {
  char buffer[64];
  read_map(own_map, {buffer, sizeof buffer});
  const char* cursor = buffer;
  MapRange first;
  const bool is_valid = take_range(cursor, first);
  return {first.inside, is_valid};
}

}  // namespace nsrun
