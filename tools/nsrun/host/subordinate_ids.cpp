#include "tools/nsrun/host/subordinate_ids.h"

#include "syscalls/memory.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/program_output.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr char kOption[] = "--map-auto";
constexpr char kUsers[] = "/etc/passwd";

// Lines of fields, from a file or from the output of a program.
class Table {
 public:
  /// Stays empty if there is no such file.
  [[gnu::noinline]] void read(const char* path) {
    map(path);
    const auto opened = sys::open(path, O_RDONLY);
    if (opened.error() == ENOENT) return;
    const sys::Fd file = check(static_cast<const sys::Result<sys::Fd>&>(opened), kOption, path);
    size_ = check(sys::read_fully(file.get(), memory_.bytes()), kOption, path);
    if (size_ == kMost) fail(kOption, path, "too long");
  }
  [[gnu::noinline]] void read_from(const char* const* argv) {
    map(argv[0]);
    size_ = output_of(argv, memory_.bytes());
  }
  [[nodiscard]] Text text() const { return {reinterpret_cast<char*>(memory_.data()), size_}; }

 private:
  static constexpr size_t kMost = size_t{1} << 20;
  void map(const char* what) { check(memory_.map_private(kMost), "mmap", what); }

  sys::Mapping memory_;
  size_t size_ = 0;
};

[[gnu::noinline]] Text field(Text line, int index, char separator = ':') {
  sys::Splitter fields(line, separator);
  Text result;
  for (int i = 0; i <= index; ++i) {
    if (!fields.more()) return {};
    result = fields.next();
  }
  return result;
}

sys::Number number(Text text) {
  const sys::FixedString<12> digits(text);
  return digits.truncated() ? sys::Number{} : sys::parse_decimal(digits.c_str(), 0xffffffff);
}

// A user's name, from /etc/passwd or, if the user is in a directory service, from getent(1).
class UserName {
 public:
  explicit UserName(Text id) {
    users_.read(kUsers);
    for (sys::Splitter lines(users_.text(), '\n'); lines.more() && name_.empty();) {
      const Text line = lines.next();
      if (field(line, 2) == id) name_ = field(line, 0);
    }
  }
  void ask_directory(const char* id) {
    if (!name_.empty()) return;
    const char* const argv[] = {"/usr/bin/getent", "passwd", id, nullptr};
    users_.read_from(argv);
    name_ = field(users_.text(), 0);
  }
  [[nodiscard]] Text text() const { return name_; }

 private:
  Table users_;
  Text name_;
};

// Adds the ids of FIRST and COUNT that the map does not have yet.
[[gnu::noinline]] void add_range(IdMap& map, int64_t& inside, Text first_text, Text count_text) {
  const sys::Number first = number(first_text);
  const sys::Number count = number(count_text);
  if (first.valid && count.valid) map.add_unused(inside, first.value, count.value);
}

// Adds the ids that getsubids(1) prints, as "INDEX: USER FIRST COUNT".
void add_of_directory(IdMap& map, int64_t& inside, const char* name, bool of_groups) {
  const char* const for_groups[] = {"/usr/bin/getsubids", "-g", name, nullptr};
  const char* const for_users[] = {"/usr/bin/getsubids", name, nullptr};
  Table ranges;
  ranges.read_from(of_groups ? for_groups : for_users);
  for (sys::Splitter lines(ranges.text(), '\n'); lines.more();) {
    const Text line = lines.next();
    add_range(map, inside, field(line, 2, ' '), field(line, 3, ' '));
  }
}

}  // namespace

void add_subordinate_ids(IdMap& map, bool of_groups, unsigned uid) {
  const char* const file = of_groups ? "/etc/subgid" : "/etc/subuid";
  const sys::Decimal id(uid);
  UserName name(id.text());
  Table ranges;
  ranges.read(file);
  int64_t inside = 1;
  for (sys::Splitter lines(ranges.text(), '\n'); lines.more();) {
    const Text line = lines.next();
    const Text owner = field(line, 0);
    if (owner.empty() || !(owner == id.text() || owner == name.text())) continue;
    add_range(map, inside, field(line, 1), field(line, 2));
  }
  if (inside != 1) return;
  name.ask_directory(id.c_str());
  const sys::FixedString<256> owner(name.text().empty() ? id.text() : name.text());
  add_of_directory(map, inside, owner.c_str(), of_groups);
  if (inside == 1) {
    fail(kOption, file, "gives the caller no ids (as root: usermod --add-subuids, --add-subgids)");
  }
}

}  // namespace nsrun
