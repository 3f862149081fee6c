// Walks a path inside of a root, step by step.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// What a path must lead to.
struct Wanted {
  Target target;
  bool make;  ///< create what is missing
  MadeModes modes;
};

/// Opens a path inside of a root (O_PATH) and creates what is missing, one step at a time. No step
/// follows a symlink: its target is walked in the same way, from the root if it is absolute. ".."
/// at the root stays there. So each directory is created inside of the root, whatever is renamed or
/// replaced there in the meantime. ELOOP: more symlinks than the kernel would follow. Does not need
/// openat2(2).
sys::Result<sys::Fd> walk(int root, const char* path, Wanted wanted);

}  // namespace nsrun
