// --file, --bind-data, --ro-bind-data: reads the data from the caller's descriptors.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Ends nsrun if a descriptor that an option names is not open. Call it before anything is opened,
/// because a new descriptor could get that number.
void check_given_descriptors(const Options& options);

/// Reads all data from the descriptors of these options. Each number then refers to a memfd with
/// the data, at its beginning and inherited at exec. Call it before signals are blocked, so that a
/// signal can end nsrun while it reads from a pipe that never ends.
void read_given_data(const Options& options);

/// Closes all descriptors that these options name, except standard streams. Call it after the
/// container has started: a writer to a pipe that the container reads must not wait for nsrun.
void close_given_descriptors(const Options& options);

}  // namespace nsrun
