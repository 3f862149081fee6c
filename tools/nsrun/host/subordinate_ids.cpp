#include "tools/nsrun/host/subordinate_ids.h"

#include "syscalls/memory.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr char kOption[] = "--map-auto";
constexpr char kUsers[] = "/etc/passwd";

// A whole file of lines with fields between colons.
class Table {
 public:
  explicit Table(const char* path) {
    constexpr size_t kMost = size_t{1} << 20;
    check(memory_.map_private(kMost), "mmap", path);
    const sys::Fd file = check(sys::openat(AT_FDCWD, path, O_RDONLY), kOption, path);
    size_ = check(sys::read_fully(file.get(), memory_.bytes()), kOption, path);
    if (size_ == kMost) fail(kOption, path, "too long");
  }
  [[nodiscard]] Text text() const { return {reinterpret_cast<char*>(memory_.data()), size_}; }

 private:
  sys::Mapping memory_;
  size_t size_ = 0;
};

Text field(Text line, int index) {
  sys::Splitter fields(line, ':');
  Text result;
  for (int i = 0; i <= index; ++i) {
    if (!fields.more()) return {};
    result = fields.next();
  }
  return result;
}

sys::Number number(Text text) {
  return sys::parse_decimal(sys::ShortString(text).c_str(), 0xffffffff);
}

}  // namespace

void append_subordinate_ids(sys::StringBuilder& map, const char* file, unsigned uid) {
  const sys::Decimal id(uid);
  const Table users(kUsers);
  Text name;
  for (sys::Splitter lines(users.text(), '\n'); lines.more() && name.empty();) {
    const Text line = lines.next();
    if (field(line, 2) == id.text()) name = field(line, 0);
  }
  const Table ranges(file);
  int64_t inside = 1;
  for (sys::Splitter lines(ranges.text(), '\n'); lines.more();) {
    const Text line = lines.next();
    const Text owner = field(line, 0);
    if (owner.empty() || !(owner == id.text() || owner == name)) continue;
    const sys::Number first = number(field(line, 1));
    const sys::Number count = number(field(line, 2));
    if (!first.valid || !count.valid || count.value == 0) continue;
    map << inside << " " << first.value << " " << count.value << "\n";
    inside += count.value;
  }
  if (inside == 1) fail(kOption, file, "gives the caller no ids");
}

}  // namespace nsrun
