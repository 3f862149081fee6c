// What the user types for nsrun itself and not for the container: ssh(1), "ESCAPE CHARACTERS".
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// At the beginning of a line: "~" and Ctrl-Z suspends nsrun, "~." ends the container, and "~~" is
/// one tilde.
class EscapeFilter {
 public:
  /// What the input asks nsrun to do.
  struct Found {
    bool suspend = false;
    bool end = false;
  };

  /// Removes what is meant for nsrun from `typed`. The rest goes to `passed`, after a tilde that
  /// was held back. `passed` must have room for one byte more than `typed`; `size` becomes the
  /// number of bytes.
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
  bool is_held_ = false;  // a tilde is held back
};

}  // namespace nsrun
