#include "tools/nsrun/host/id_map.h"

#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/id_ranges.h"

namespace nsrun {

namespace {

constexpr int64_t kMostIds = 0xffffffff;  // 4294967295 means "no id"

// Whether two ranges of ids have an id in common.
bool overlap(unsigned first, unsigned count, unsigned other_first, unsigned other_count) {
  return first < int64_t{other_first} + other_count && other_first < int64_t{first} + count;
}

}  // namespace

void IdMap::refuse(const IdRange& range, const char* reason) const {
  sys::FixedString<256> text;
  text << range.inside << ":" << range.outside << ":" << range.count << " " << reason;
  fail(name_.option, name_.value, text.c_str());
}

void IdMap::insert(const IdRange& range) {
  if (size_ == kMost) {
    fail(name_.option, nullptr, "more than 340 ranges, the kernel's limit");
  }
  ranges_[size_++] = range;
}

void IdMap::add(int64_t inside, int64_t outside, int64_t count) {
  const IdRange range = {static_cast<unsigned>(inside), static_cast<unsigned>(outside),
                         static_cast<unsigned>(count)};
  if (count == 0) refuse(range, "has no ids: COUNT is at least 1");
  if (inside + count > kMostIds || outside + count > kMostIds) {
    refuse(range, "goes beyond 4294967294, the last id");
  }
  for (const IdRange& other : ranges()) {
    if (overlap(range.inside, range.count, other.inside, other.count)) {
      refuse(range, "has an id inside that another range has");
    }
    if (overlap(range.outside, range.count, other.outside, other.count)) {
      refuse(range, "has an id outside that another range has");
    }
  }
  insert(range);
}

void IdMap::add_option(const char* text) {
  for (MapRange range; take_range(text, range);) add(range.inside, range.outside, range.count);
}

void IdMap::add_unused(int64_t& inside, int64_t first, int64_t count) {
  const int64_t end = first + count < kMostIds ? first + count : kMostIds;
  while (first < end) {
    int64_t next = end;  // the beginning of the next range
    int64_t used = first;
    for (const IdRange& other : ranges()) {
      const int64_t other_end = int64_t{other.outside} + other.count;
      if (first >= other.outside && first < other_end) used = other_end;
      if (other.outside > first && other.outside < next) next = other.outside;
    }
    if (used == first) {
      add(inside, first, next - first);
      inside += next - first;
      used = next;
    }
    first = used;
  }
}

void IdMap::split(const sys::Fd& own_map, sys::Span<char> buffer) {
  read_map(own_map, buffer);
  // The part after the end of that range is a new range, which the loop reaches later.
  for (size_t i = 0; i < size_; ++i) {
    const IdRange range = ranges_[i];
    int64_t found = 0;
    const char* cursor = buffer.data;
    for (MapRange own; found == 0 && take_range(cursor, own);) {
      const int64_t end = own.inside + own.count;
      if (range.outside >= own.inside && range.outside < end) found = end - range.outside;
    }
    if (found == 0) {
      sys::FixedString<96> reason;
      reason << "wants the id " << range.outside << ", which is not mapped outside";
      refuse(range, reason.c_str());
    }
    if (found >= range.count) continue;
    const auto part = static_cast<unsigned>(found);
    ranges_[i].count = part;
    insert({range.inside + part, range.outside + part, range.count - part});
  }
}

void IdMap::make_root(const MappedId& own) {
  if (own.inside == 0) return;
  for (size_t i = 0; i < size_; ++i) {
    IdRange& range = ranges_[i];
    if (own.inside < range.inside || own.inside - range.inside >= range.count) continue;
    const IdRange whole = range;
    const unsigned before = own.inside - whole.inside;
    const unsigned behind = whole.count - before - 1;
    range = {0, own.outside, 1};
    if (before != 0) insert({whole.inside, whole.outside, before});
    if (behind != 0) insert({own.inside + 1, own.outside + 1, behind});
    return;
  }
}

bool IdMap::has(unsigned inside) const {
  for (const IdRange& range : ranges()) {
    if (inside >= range.inside && inside - range.inside < range.count) return true;
  }
  return false;
}

void IdMap::append(sys::StringBuilder& text) const {
  const size_t before = text.text().size();
  for (const IdRange& range : ranges()) {
    text << range.inside << " " << range.outside << " " << range.count << "\n";
  }
  if (text.truncated() || text.text().size() - before >= kMostText) {
    fail(name_.option, nullptr, "4096 bytes or more: use fewer ranges");
  }
}

}  // namespace nsrun
