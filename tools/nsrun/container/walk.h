// A path inside of a root, step by step.
#pragma once

#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// What is wanted of a path.
struct Wanted {
  Target target;
  bool make;  ///< make what is missing
  MadeModes modes;
};

/// Opens a path inside of a root (O_PATH) and makes what is missing, by one step at a time: no step
/// follows a symlink, and what a symlink says is walked in turn, from the root where it is
/// absolute. ".." at the root stays there. So each directory that is made lies in one that was
/// just reached inside of the root, whatever is renamed or replaced in it meanwhile. ELOOP: more
/// symlinks on the way than the kernel would follow. Does without openat2(2).
sys::Result<sys::Fd> walk(int root, const char* path, Wanted wanted);

}  // namespace nsrun
