// The names of all options, as the program has them at run time.
#pragma once

namespace nsrun {

/// All names in the order of the table, each with its NUL, and a NUL more behind the last one.
const char* option_names();

}  // namespace nsrun
