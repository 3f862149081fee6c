// What --help prints.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Enough for the text, with its NUL.
inline constexpr size_t kHelpRoom = 9216;

/// A line or two for each option of the table, in its sections.
void append_help(sys::StringBuilder& out);

}  // namespace nsrun
