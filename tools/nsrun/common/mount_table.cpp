#include "tools/nsrun/common/mount_table.h"

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr char kMounts[] = "/proc/self/mountinfo";

// In the table, a blank or backslash of a path is a backslash and three octal digits.
void append_unescaped(sys::StringBuilder& path, Text escaped) {
  for (size_t i = 0; i < escaped.size(); ++i) {
    char c = escaped[i];
    if (c == '\\' && i + 3 < escaped.size()) {
      c = static_cast<char>((escaped[i + 1] - '0') * 64 + (escaped[i + 2] - '0') * 8 +
                            (escaped[i + 3] - '0'));
      i += 3;
    }
    path << Text(&c, 1);
  }
}

}  // namespace

MountTable::MountTable() {
  constexpr size_t kMost = size_t{1} << 24;  // pages that are never written cost nothing
  check(memory_.map_private(kMost), "mmap", kMounts);
  const sys::Fd file = check(sys::open(kMounts, O_RDONLY), "open", kMounts);
  const size_t size = check(sys::read_fully(file.get(), memory_.bytes()), "read", kMounts);
  if (size == kMost) fail("read", kMounts, "too many mounts");
  lines_ = sys::Splitter({reinterpret_cast<char*>(memory_.data()), size}, '\n');
}

// The mount point is the fifth field of a line. The type is the field after "-", and the options
// are the last field.
bool MountTable::next() {
  while (lines_.more()) {
    sys::Splitter words(lines_.next(), ' ');
    type_ = {};
    bool is_type = false;
    for (int field = 1; words.more(); ++field) {
      const Text word = words.next();
      if (field == 5) {
        point_.clear();
        append_unescaped(point_, word);
      }
      if (is_type && type_.empty()) type_ = word;
      if (is_type) options_ = word;  // the last one
      is_type = is_type || word == "-";
    }
    if (!type_.empty()) return true;
  }
  return false;
}

}  // namespace nsrun
