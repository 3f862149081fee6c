// Output for the user of nsrun.
#pragma once

#include "syscalls/file.h"
#include "syscalls/poll.h"

namespace nsrun {

/// Writes all of the text. If the fd is non-blocking and full, waits until there is room: the
/// caller may have made its terminal or pipe non-blocking, and nsrun shares that setting.
inline sys::Result<void> write_waiting(int fd, sys::Text text) {
  while (!text.empty()) {
    const sys::Result<size_t> count = sys::write(fd, text);
    if (count) {
      text = text.from(count.value());
    } else if (count.error() == EAGAIN) {
      sys::PollEntry entry{fd, POLLOUT, 0};
      const auto ready = sys::poll({&entry, 1});
      if (!ready) return ready.error();
    } else {
      return count.error();
    }
  }
  return {};
}

/// Appends the text with each control character except tab as \xNN, so that a container's output
/// can neither begin a line of its own nor move the cursor. This includes U+0080 to U+009F, which
/// are two bytes in UTF-8. All other characters stay as they are.
inline void append_harmless(sys::StringBuilder& out, sys::Text text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto escape = [&](unsigned char c) {
    const char escaped[] = {'\\', 'x', kDigits[c >> 4], kDigits[c & 15]};
    out << sys::Text(escaped, sizeof escaped);
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto before = static_cast<unsigned char>(i == 0 ? 0 : text[i - 1]);
    // 0x80 to 0x9f are control characters of an 8-bit terminal, unless such a byte continues a
    // longer UTF-8 character.
    const bool continues = before >= 0xc3 || (before >= 0x80 && before < 0xc0);
    if ((c < 0x20 && c != '\t') || c == 0x7f || (c >= 0x80 && c < 0xa0 && !continues)) {
      escape(c);
    } else {
      out << text.from(i).first(1);
    }
  }
}

}  // namespace nsrun
