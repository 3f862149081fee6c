// The types of namespaces that a kernel may have been built without.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Ends nsrun if this kernel was built without a type of namespace that is to be created, and names
/// all that are missing. Returns if none is, or if there is no /proc to tell. Where a start must be
/// fast, ask only once the kernel has refused: each type costs an entry of /proc that nobody has
/// used before.
void require_kernel(const Options& options);

/// The same for the answer of a call that creates namespaces.
inline void require_kernel_if_invalid(const Options& options, sys::Errno error) {
  if (error == EINVAL) require_kernel(options);
}

}  // namespace nsrun
