// A detached read-only mount of a program: by the strategies of the stub, and by a parent that
// seals its program itself.
#pragma once

#include "syscalls/fd.h"

namespace stub::seal {

/// A detached read-only mount of the file at `path`, as an O_PATH fd. Linux 5.12 (ENOSYS before),
/// CAP_SYS_ADMIN in the mount namespace's user namespace (EPERM).
sys::Result<sys::Fd> mount_detached(const char* path);

}  // namespace stub::seal
