// A detached read-only mount of a program: by the strategies of the stub, and by a parent that
// seals its program itself.
#pragma once

#include "syscalls/fd.h"

namespace stub::seal {

/// mount_setattr(2) of MOUNT_ATTR_RDONLY. `flags`: AT_EMPTY_PATH or 0.
sys::Result<void> make_read_only(int directory, const char* path, unsigned flags);

/// A detached read-only mount of the file at `path`, as an O_PATH fd. Linux 5.12 (ENOSYS before),
/// CAP_SYS_ADMIN in the mount namespace's user namespace (EPERM).
sys::Result<sys::Fd> mount_detached(const char* path);

}  // namespace stub::seal
