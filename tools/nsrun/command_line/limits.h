// Applies --rlimit. nsrun does so on both sides of the boundary: docs/source.md.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

enum class Limits : unsigned char {
  /// Only the hard limits. Errors are ignored: if the kernel refuses one for nsrun, it also refuses
  /// it
  /// for the container, which then reports the error. nsrun is not limited, as its soft limits
  /// stay.
  kHardOnly,
  kBoth,
};

/// Sets the limits of this process that the options name.
void set_limits(const Options& options, Limits which);

}  // namespace nsrun
