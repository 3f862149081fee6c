// nsexec_parent_read_records(): reads log records, one JSON object a line (docs/protocol.md).
#include "parent/container.h"
#include "syscalls/file.h"

namespace parent {

namespace {

using sys::Text;

// Copies `from` to `to`, and returns the end of the copy. The two may overlap.
char* put(char* to, const char* from, size_t size) {
  __builtin_memmove(to, from, size);
  return to + size;
}

// Writes one code point as UTF-8 (RFC 3629).
char* put_code_point(char* to, unsigned point) {
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
    return to;
  }
  const unsigned more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  *to++ = static_cast<char>((0xff00U >> (more + 1) & 0xff) | point >> 6 * more);
  for (unsigned i = more; i-- > 0;) *to++ = static_cast<char>(0x80 | (point >> 6 * i & 0x3f));
  return to;
}

// Parses one line in place: a text never gets longer when its escapes are removed.
class RecordReader {
 public:
  /// `line` ends with a NUL.
  explicit RecordReader(char* line) : at_(line) {}

  /// Returns false if the line is not an object of strings with a "msg".
  bool read(nsexec_record& record) {
    record.level = NSEXEC_LEVEL_INFO;
    record.text = nullptr;
    if (!take('{')) return false;
    do {
      char* key = string();
      if (key == nullptr || !take(':')) return false;
      char* value = string();
      if (value == nullptr) return false;
      if (sys::same(key, "level")) record.level = level_of(value);
      if (sys::same(key, "msg")) {
        record.text = value;
        record.size = size_;
      }
    } while (take(','));
    return take('}') && record.text != nullptr;
  }

 private:
  static int level_of(const char* name) {
    constexpr char kNames[] = "panic\0fatal\0error\0warning\0info\0debug\0trace\0";
    int level = 0;
    for (const char* entry = kNames; *entry != '\0'; entry += sys::length(entry) + 1, ++level) {
      if (sys::same(entry, name)) return level;
    }
    return NSEXEC_LEVEL_INFO;
  }

  bool take(char c) {
    while (*at_ == ' ') ++at_;
    if (*at_ != c) return false;
    ++at_;
    return true;
  }

  // A string of RFC 8259, section 7; null if there is none.
  char* string() {
    if (!take('"')) return nullptr;
    char* const start = at_;
    char* out = at_;
    while (*at_ != '"') {
      if (*at_ == '\0') return nullptr;
      if (*at_ != '\\') {
        *out++ = *at_++;
      } else if (at_[1] == 'u') {
        at_ += 2;
        const int point = code_point();
        if (point < 0) return nullptr;
        out = put_code_point(out, static_cast<unsigned>(point));
      } else {
        const char c = escaped(at_[1]);
        if (c == '\0') return nullptr;
        *out++ = c;
        at_ += 2;
      }
    }
    ++at_;
    *out = '\0';
    size_ = static_cast<size_t>(out - start);
    return start;
  }

  static char escaped(char c) {
    constexpr char kPairs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    for (const char* pair = kPairs; *pair != '\0'; pair += 2) {
      if (*pair == c) return pair[1];
    }
    return '\0';
  }

  // The value of four hexadecimal digits; -1 if they are not there.
  int hexadecimal() {
    int value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = *at_;
      const bool digit = c >= '0' && c <= '9';
      const char letter = static_cast<char>(c | 0x20);
      if (!digit && (letter < 'a' || letter > 'f')) return -1;
      value = value << 4 | (digit ? c - '0' : letter - 'a' + 10);
    }
    return value;
  }

  // The code point after "\u". Half a surrogate pair and a NUL become U+FFFD. -1: not valid.
  int code_point() {
    constexpr int kReplacement = 0xfffd;
    const int first = hexadecimal();
    if (first < 0) return -1;
    if (first == 0 || first >> 10 == 0xdc00 >> 10) return kReplacement;
    if (first >> 10 != 0xd800 >> 10) return first;
    if (at_[0] != '\\' || at_[1] != 'u') return kReplacement;
    char* const back = at_;
    at_ += 2;
    const int second = hexadecimal();
    if (second < 0) return -1;
    if (second >> 10 != 0xdc00 >> 10) {
      at_ = back;
      return kReplacement;
    }
    return 0x10000 + ((first & 0x3ff) << 10 | (second & 0x3ff));
  }

  char* at_;
  size_t size_ = 0;
};

// Delivers one line, which is NUL-terminated in place.
void deliver(nsexec_container& container, char* line, size_t size) {
  if (size == 0) return;
  nsexec_record record{};
  // Reading changes a line, so only a line that begins like a record is read.
  if (*line != '{' || !RecordReader(line).read(record)) record = {-1, line, sys::length(line)};
  // Keeps only the first failure, because it causes the others.
  if ((record.level == NSEXEC_LEVEL_FATAL || record.level == NSEXEC_LEVEL_PANIC) &&
      container.failure[0] == '\0') {
    sys::StringBuilder({container.failure, sizeof container.failure}) << record.text;
  }
  if (container.on_record_ != nullptr) container.on_record_(container.context_, &record);
}

// Delivers all complete lines. A line that is longer than the buffer is delivered in pieces.
void deliver_lines(nsexec_container& container) {
  constexpr size_t kCapacity = sizeof container.line_ - 1;
  size_t start = 0;
  for (;;) {
    const Text rest(container.line_ + start, container.line_size_ - start);
    const size_t end = rest.find('\n');
    const bool is_full = start == 0 && rest.size() == kCapacity;
    if (end == rest.size() && !is_full) break;
    container.line_[start + end] = '\0';
    deliver(container, container.line_ + start, end);
    start += end == rest.size() ? end : end + 1;
  }
  container.line_size_ -= static_cast<uint32_t>(start);
  put(container.line_, container.line_ + start, container.line_size_);
}

}  // namespace

}  // namespace parent

extern "C" int nsexec_parent_read_records(struct nsexec_container* container) {
  constexpr size_t kCapacity = sizeof container->line_ - 1;
  while (parent::is_open(container->log_pipe)) {
    unsigned char* const free =
        reinterpret_cast<unsigned char*>(container->line_) + container->line_size_;
    const auto count = sys::read(container->log_pipe, {free, kCapacity - container->line_size_});
    if (count.error() == EAGAIN) return 1;
    if (!count || count.value() == 0) {
      parent::close_member(container->log_pipe);
      container->line_[container->line_size_] = '\0';
      parent::deliver(*container, container->line_, container->line_size_);
      container->line_size_ = 0;
      break;
    }
    container->line_size_ += static_cast<uint32_t>(count.value());
    parent::deliver_lines(*container);
  }
  return 0;
}
