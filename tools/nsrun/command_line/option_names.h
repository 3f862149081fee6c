// The names of all options, as the program stores them.
#pragma once

namespace nsrun {

/// All names in the order of the table, each followed by a NUL, with one more NUL at the end.
const char* option_names();

}  // namespace nsrun
