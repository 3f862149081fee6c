// What --help prints.
#pragma once

namespace nsrun {

/// A line or two for each option of the table, in its sections.
const char* help_text();

}  // namespace nsrun
