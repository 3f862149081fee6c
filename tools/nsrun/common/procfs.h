// /proc, which nsrun cannot do without in most cases.
#pragma once

#include "stub/procfs.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

/// Opens the root of the procfs at /proc. Ends nsrun if there is none.
[[gnu::noinline]] inline sys::Fd require_procfs() {
  auto opened = stub::open_procfs();
  if (!opened) {
    fail("/proc", nullptr, "not mounted (mount -t proc proc /proc; or as root: --seal none)");
  }
  return static_cast<sys::Fd&&>(opened.value());
}

}  // namespace nsrun
