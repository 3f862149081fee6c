// --file, --bind-data, --ro-bind-data: what can be read from the caller's descriptors.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Ends nsrun where a descriptor that an option names is not open. To be called before anything is
/// opened, which could get its number.
void check_given_descriptors(const Options& options);

/// Reads to their end those of which the data is wanted. From here on each number stands for a
/// memfd with the data, at its beginning, which is inherited at exec. To be called before signals
/// are blocked: the other end of a pipe may never come to an end, and a signal then ends nsrun.
void read_given_data(const Options& options);

/// Once the container has been started: closes all that these options name, but for the standard
/// streams. Whoever writes to a pipe that the container reads must not wait for nsrun.
void close_given_descriptors(const Options& options);

}  // namespace nsrun
