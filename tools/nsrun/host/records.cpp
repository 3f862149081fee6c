#include "tools/nsrun/host/records.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "syscalls/poll.h"
#include "tools/nsrun/common/errno_words.h"
#include "tools/nsrun/common/output.h"
#include "tools/nsrun/common/user_namespaces.h"
#include "tools/nsrun/host/container_files.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr size_t kSize = 8192;  // of the buffer for records, and of that for a line to print

// The text of the string value after `key`, still escaped.
Text string_after(Text record, Text key) {
  for (size_t at = 0; at + key.size() <= record.size(); ++at) {
    if (!record.from(at).starts_with(key)) continue;
    const Text value = record.from(at + key.size());
    size_t end = 0;
    while (end < value.size() && value[end] != '"') end += value[end] == '\\' ? 2 : 1;
    return value.first(end < value.size() ? end : value.size());
  }
  return {};
}

bool has(Text text, Text part) {
  for (size_t at = 0; at + part.size() <= text.size(); ++at) {
    if (text.from(at).starts_with(part)) return true;
  }
  return false;
}

unsigned hex_digit(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

}  // namespace

void append_unescaped(sys::StringBuilder& out, Text json) {
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\\' || i + 1 >= json.size()) {
      out << json.from(i).first(1);
    } else if (json[i + 1] == 'u' && i + 5 < json.size()) {
      // The stub escapes control characters, which should not reach a terminal, and bytes that are
      // not UTF-8.
      const unsigned low = hex_digit(json[i + 4]) << 4 | hex_digit(json[i + 5]);
      const bool printable = json[i + 2] == '0' && low >= 0x20 && low < 0x7f;
      const char c = printable ? static_cast<char>(low) : '?';
      out << Text(&c, 1);
      i += 5;
    } else {
      out << json.from(i + 1).first(1);
      ++i;
    }
  }
}

// The stub logs "nsexec[123]: sealing: memfd" when it seals the binary and executes it again, and
// "nsexec[123]: sealed: memfd" when it finds that the binary is already sealed.
void RecordPrinter::take_down_seal(Text record) {
  const Text sealing = string_after(record, "]: sealing: ");
  if (!sealing.empty()) {
    seal_.clear();
    append_unescaped(seal_, sealing);
  } else if (seal_.text().empty()) {
    append_unescaped(seal_, string_after(record, "]: sealed: "));
  }
}

// Prints "/proc/self/fd/5/ns/net" as "/proc/1234/ns/net".
void RecordPrinter::append_renamed(sys::StringBuilder& out, Text message) const {
  for (size_t i = 0; i < renamed_count_; ++i) {
    stub::FdPath path(renamed_[i].fd);
    path << "/";
    for (size_t at = 0; at + path.text().size() <= message.size(); ++at) {
      if (!message.from(at).starts_with(path.text())) continue;
      append_unescaped(out, message.first(at));
      out << "/proc/" << renamed_[i].pid << "/";
      return append_unescaped(out, message.from(at + path.text().size()));
    }
  }
  append_unescaped(out, message);
}

// Explains "nsexec-1[123]: unshare user: EPERM" and "nsexec-0[123]: write /proc/123/uid_map:
// EPERM": why it failed, and what to do. Returns false for any other message.
bool RecordPrinter::explain(sys::StringBuilder& out, Text message) {
  const size_t behind = message.find(']');
  const Text said = message.from(behind < message.size() ? behind : 0);
  if (has(said, "id map tool ")) {
    out << "newuidmap or newgidmap refuses the map: /etc/subuid and /etc/subgid say which ids are "
           "the caller's";
    return true;
  }
  if (has(said, " /proc/") && is_another_pid_namespaces_proc()) {
    out << "/proc shows another pid namespace: mount -t proc proc /proc";
    return true;
  }
  constexpr int kKnown[] = {EPERM, ENOSPC, EUSERS, EINVAL, EACCES};
  sys::Errno error;
  for (const int known : kKnown) {
    if (has(said, Text::of(sys::ErrnoText(sys::Errno{known}).c_str()))) error = {known};
  }
  if (error == 0) return false;
  if (has(said, "unshare user: ")) {
    out << "create a user namespace: ";
    explain_refused_user_namespace(out, error);
  } else if (has(said, "/uid_map: ") || has(said, "/gid_map: ")) {
    out << "write the container's " << (has(said, "/uid_map: ") ? "uid_map: " : "gid_map: ");
    explain_refused_id_map(out, error);
  } else {
    return false;
  }
  return true;
}

// The stub's records end with the name of an errno, such as "setresuid 0: EINVAL".
void RecordPrinter::append_message(sys::StringBuilder& out, Text message) const {
  size_t start = message.size();
  while (start > 0 && message[start - 1] != ' ') --start;
  const sys::FixedString<16> name(message.from(start));
  append_renamed(out, message.first(start));
  if (!append_errno_words(out, name.c_str())) append_renamed(out, message.from(start));
}

void RecordPrinter::print(Text record) {
  take_down_seal(record);
  const Text level = string_after(record, "{\"level\":\"");
  if (start_ == 0 && level == "debug") return;
  if (quiet_ && !(level == "error") && !(level == "fatal")) return;
  sys::StringBuilder line({reinterpret_cast<char*>(buffer_.data()) + kSize, kSize});
  line << "nsrun: ";
  if (start_ != 0) {
    const int64_t now = (sys::nanoseconds(CLOCK_MONOTONIC) - start_) / 1000;
    sys::FixedString<24> micros;
    micros << now;
    for (size_t width = micros.text().size(); width < 6; ++width) line << " ";
    line << micros.text() << " us  " << level << ": ";
  }
  const Text message = string_after(record, "\"msg\": \"");
  if (!(level == "fatal") || !explain(line, message)) append_message(line, message);
  line << "\n";
  (void)write_waiting(2, line.text());
}

RecordPrinter::State RecordPrinter::read_from(int pipe) {
  if (buffer_.size() == 0 && !buffer_.map_private(2 * kSize)) return kEnd;
  const auto count = sys::read(pipe, buffer_.bytes().first(kSize).from(size_));
  if (count.error() == EAGAIN) return kNothingYet;
  if (!count || count.value() == 0) return kEnd;
  size_ += count.value();
  Text rest(reinterpret_cast<const char*>(buffer_.data()), size_);
  while (rest.contains('\n')) {
    const size_t end = rest.find('\n');
    print(rest.first(end));
    rest = rest.from(end + 1);
  }
  // A record has at most 4096 bytes, so there is room for the rest of an incomplete one.
  __builtin_memmove(buffer_.data(), rest.data(), rest.size());
  size_ = rest.size() == kSize ? 0 : rest.size();
  return kRead;
}

}  // namespace nsrun
