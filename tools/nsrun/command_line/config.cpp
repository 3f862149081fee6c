#include "tools/nsrun/command_line/config.h"

#include "syscalls/file.h"

namespace nsrun {

using sys::Span;

namespace {

// Splits a line into words, in place, as a shell does. Blanks separate words. '…' and "…" keep
// blanks. A backslash keeps the next character, except within '…'. A # at the start of a word
// begins a comment.
class LineReader {
 public:
  explicit LineReader(char* line) : from_(line) {}

  /// The next word, NUL-terminated; null at the end.
  const char* next() {
    while (*from_ == ' ' || *from_ == '\t' || *from_ == '\r') ++from_;
    if (*from_ == '\0' || *from_ == '#') return nullptr;
    char* const start = from_;
    char* to = from_;
    char quote = '\0';
    for (; *from_ != '\0'; ++from_) {
      const char c = *from_;
      if (quote == '\0' && (c == ' ' || c == '\t' || c == '\r')) break;
      if (quote == '\0' && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c == quote) {
        quote = '\0';
      } else if (c == '\\' && quote != '\'' && from_[1] != '\0') {
        *to++ = *++from_;
      } else {
        *to++ = c;
      }
    }
    open_quote_ = quote != '\0';
    if (*from_ != '\0') ++from_;
    *to = '\0';
    return start;
  }
  [[nodiscard]] bool open_quote() const { return open_quote_; }

 private:
  char* from_;
  bool open_quote_ = false;
};

bool parse_restart(const char* word, Restart& restart) {
  static constexpr char kNames[] = "once\0always\0on-failure";  // indexed by Restart
  for (unsigned char i = 0; i < 3; ++i) {
    if (!sys::same(word, sys::entry(kNames, i))) continue;
    restart = static_cast<Restart>(i);
    return true;
  }
  return false;
}

bool parse_finally(const char* word, Finally& finally) {
  static constexpr char kNames[] = "poweroff\0reboot\0stay";  // indexed by Finally
  for (unsigned char i = 0; i < 3; ++i) {
    if (!sys::same(word, sys::entry(kNames, i))) continue;
    finally = static_cast<Finally>(i);
    return true;
  }
  return false;
}

}  // namespace

// The name is printed in front of each line of the container's output.
constexpr size_t kLongestName = 64;

// The first two of `words`, the name and the restart rule, are replaced by words of nsrun's own.
// Returns what is wrong with the line, or null.
const char* Config::take_line(const char** words, size_t count) {
  if (sys::same(words[0], "finally")) {
    const bool valid = count == 2 && parse_finally(words[1], finally_);
    return valid ? nullptr : "finally: not poweroff, reboot or stay";
  }
  ContainerConfig container;
  container.name = words[0];
  if (sys::length(container.name) > kLongestName) return "a name of more than 64 characters";
  if (count < 2 || !parse_restart(words[1], container.restart)) {
    return "not of the form NAME once|always|on-failure [OPTION]... COMMAND [ARGUMENT]...";
  }
  for (size_t i = 0; i < size_; ++i) {
    if (sys::same(containers_[i].name, container.name)) return "a container of that name exists";
  }
  // The container ends when the nsrun that started it ends, so it is enough to kill that nsrun.
  words[0] = "nsrun";
  words[1] = "--die-with-parent";
  container.argv = words;
  const Options options = parse_options(words);
  if (options.wrong.reason != nullptr) return options.wrong.reason;
  if (options.command == nullptr) return "COMMAND: missing";
  if (size_ == kMostContainers) return "more than 64 containers";
  containers_[size_++] = container;
  return nullptr;
}

size_t Config::parse(Span<char> text, const char* path, Complain complain) {
  // A line has no more words than characters, and one NULL.
  if (!words_.map_private((text.size + 2) * sizeof(char*))) return 1;
  const char** next = reinterpret_cast<const char**>(words_.data());
  size_t wrong = 0;
  char* line = text.data;
  for (unsigned number = 1; *line != '\0'; ++number) {
    char* end = line;
    while (*end != '\0' && *end != '\n') ++end;
    const bool last = *end == '\0';
    *end = '\0';
    const char** words = next;
    LineReader reader(line);
    while (const char* word = reader.next()) *next++ = word;
    const auto count = static_cast<size_t>(next - words);
    *next++ = nullptr;
    const char* reason = nullptr;
    if (reader.open_quote()) {
      reason = "a quote is not closed";
    } else if (count != 0) {
      reason = take_line(words, count);
    }
    if (reason != nullptr) {
      complain(path, number, reason);
      ++wrong;
    }
    if (last) break;
    line = end + 1;
  }
  return wrong;
}

sys::Result<size_t> Config::read(const char* path, Complain complain) {
  constexpr size_t kMost = size_t{1} << 16;
  const auto opened = sys::open(path, O_RDONLY);
  if (!opened) return opened.error();
  const sys::Fd file = opened.value();
  const auto mapped = text_.map_private(kMost);
  if (!mapped) return mapped.error();
  const auto size = sys::read_fully(file.get(), text_.bytes().first(kMost - 1));
  if (!size) return size.error();
  if (size.value() == kMost - 1) return sys::Errno{EFBIG};
  return parse({reinterpret_cast<char*>(text_.data()), size.value()}, path, complain);
}

}  // namespace nsrun
