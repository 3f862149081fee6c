// What --help prints.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Room for the text and its NUL.
inline constexpr size_t kHelpRoom = 9216;

/// Appends the help text, with a line or two for each option, by section.
void append_help(sys::StringBuilder& out);

}  // namespace nsrun
