// What a person types at nsrun itself, and not at the container: ssh(1), "ESCAPE CHARACTERS".
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// At the beginning of a line: "~" and Ctrl-Z suspends nsrun, "~." ends the container, "~~" is one
/// tilde.
class EscapeFilter {
 public:
  /// What a chunk of input asks for.
  struct Found {
    bool suspend = false;
    bool end = false;
  };

  /// Takes what is meant for nsrun out of `typed`. What is left, and a tilde that was held back,
  /// goes to `passed`, which has room for one more than `typed`; `size` says how much that is.
  Found filter(sys::Bytes typed, unsigned char* passed, size_t& size) {
    Found found;
    size = 0;
    for (const unsigned char c : typed) {
      if (is_held_) {
        is_held_ = false;
        at_line_start_ = false;
        found.suspend = found.suspend || c == kCtrlZ;
        found.end = found.end || c == '.';
        if (c == kCtrlZ || c == '.') {
          at_line_start_ = true;
          continue;
        }
        passed[size++] = kEscape;
        if (c == kEscape) continue;
      } else if (at_line_start_ && c == kEscape) {
        is_held_ = true;
        continue;
      }
      at_line_start_ = c == '\r' || c == '\n';
      passed[size++] = c;
    }
    return found;
  }

 private:
  static constexpr unsigned char kEscape = '~';
  static constexpr unsigned char kCtrlZ = 'Z' & 0x1f;

  bool at_line_start_ = true;
  bool is_held_ = false;  // the tilde
};

}  // namespace nsrun
