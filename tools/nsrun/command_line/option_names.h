// The names of all options, as the program has them at run time.
#pragma once

#include <stddef.h>

namespace nsrun {

/// All names in the order of the table, each with its NUL, and a NUL more behind those of an entry.
const char* option_names();
/// How many entries there are.
size_t option_count();

}  // namespace nsrun
