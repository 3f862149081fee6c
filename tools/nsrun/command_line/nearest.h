// Finds the option that a mistyped argument may mean.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Appends the option of the table that is nearest to `argument`: the one with the fewest
/// characters to insert, remove, replace or swap with their neighbour. Appends nothing if none is
/// near.
void append_nearest_option(sys::StringBuilder& out, const char* argument);

}  // namespace nsrun
