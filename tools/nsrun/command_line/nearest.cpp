#include "tools/nsrun/command_line/nearest.h"

#include "syscalls/namespaces.h"
#include "tools/nsrun/command_line/option_names.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr size_t kLongest = 31;  // characters of an option's name, and of an argument to compare

unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

// The optimal string alignment distance. Keeps three rows of the table, the newest one in
// `rows[0]`.
unsigned distance(Text a, Text b) {
  unsigned rows[3][kLongest + 1];
  for (unsigned j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    __builtin_memmove(rows[1], rows[0], sizeof rows - sizeof rows[0]);
    rows[0][0] = static_cast<unsigned>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const unsigned replaced = rows[1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      unsigned best = least(replaced, 1 + least(rows[0][j - 1], rows[1][j]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = least(best, rows[2][j - 2] + 1);
      }
      rows[0][j] = best;
    }
  }
  return rows[0][b.size()];
}

// Finds the nearest of the names that look_at() gets.
class Search {
 public:
  explicit Search(Text wanted)
      : wanted_(wanted), best_(static_cast<unsigned>(wanted.size() / 3 + 1)) {}

  void look_at(Text name) {
    if (name.size() > kLongest) return;
    const unsigned far = distance(wanted_, name);
    if (far >= best_) return;
    best_ = far;
    nearest_.clear();
    nearest_ << name;
  }
  [[nodiscard]] Text nearest() const { return nearest_.text(); }

 private:
  Text wanted_;
  unsigned best_;  // a name must be nearer than this
  sys::FixedString<kLongest + 1> nearest_;
};

// "--unshare-TYPE" stands for eight names.
void look_at_each_type(Search& search, Text stem) {
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    sys::FixedString<kLongest + 1> name(stem);
    name << type.name;
    search.look_at(name.text());
  }
}

}  // namespace

void append_nearest_option(sys::StringBuilder& out, const char* argument) {
  const Text all = Text::of(argument);
  const Text wanted = all.first(all.find('='));
  // Every option of one letter would be near to "-n".
  if (wanted.size() < 4 || wanted.size() > kLongest) return;
  Search search(wanted);
  for (const char* name = option_names(); *name != '\0'; name += sys::length(name) + 1) {
    const Text text = Text::of(name);
    if (text.size() > 4 && text.from(text.size() - 4) == "TYPE") {
      look_at_each_type(search, text.first(text.size() - 4));
    } else {
      search.look_at(text);
    }
  }
  out << search.nearest();
}

}  // namespace nsrun
