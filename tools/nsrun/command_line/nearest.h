// What somebody has meant who has mistyped an option.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Appends the option of the table that is nearest to `argument`, by how many characters have to be
/// inserted, removed, replaced or swapped with their neighbour; nothing if none is near.
void append_nearest_option(sys::StringBuilder& out, const char* argument);

}  // namespace nsrun
