// The ways to a binary that nobody can write to. Each is a function from the running binary to an
// executable O_PATH fd, or to the errno that says why not here. docs/sealing.md compares them.
#pragma once

#include "stub/job.h"
#include "stub/procfs.h"
#include "syscalls/fd.h"

namespace stub::seal {

/// A detached, read-only mount of the binary's file. Nothing changes on the host, no memory, some
/// tens of microseconds. Linux 5.12 (mount_setattr), CAP_SYS_ADMIN in the mount namespace's user
/// namespace (EPERM).
sys::Result<sys::Fd> detached_mount(const Job& job);

/// The same from a short-lived child that is root of a user namespace of its own: for ordinary
/// users. Linux 5.12, unprivileged user namespaces. The path of the binary must still lead to it
/// (ESTALE).
sys::Result<sys::Fd> detached_mount_by_child(const Job& job);

/// A private read-only overlay over the binary's directory. Linux 5.2 and overlayfs (ENODEV),
/// CAP_SYS_ADMIN. Second layer: STATEDIR, which must not lie above or below (ELOOP).
sys::Result<sys::Fd> overlay(const Job& job);

/// A read-only bind mount of the binary's file, made by a short-lived child in a mount namespace of
/// its own. Any kernel, CAP_SYS_ADMIN. The path of the binary must still lead to it (ESTALE).
sys::Result<sys::Fd> bind_mount(const Job& job);

/// A copy that shares the blocks (FICLONE) beside the binary: btrfs, xfs, bcachefs. A directory
/// that may be written to.
sys::Result<sys::Fd> reflink(const Job& job);

/// A copy in a sealed memfd. Linux 3.17, vm.memfd_noexec below 2 (EACCES). Costs the binary's size
/// in memory.
sys::Result<sys::Fd> memfd(const Job& job);

/// A copy in a file without a name in STATEDIR (O_TMPFILE, Linux 3.11). Costs its size on disk.
sys::Result<sys::Fd> tmpfile(const Job& job);

/// What the first two have in common: a detached read-only mount of the file at `path`.
sys::Result<sys::Fd> mount_detached(const char* path);

/// Opens what /proc/self/fd/`fd` is once more, as O_PATH: no right to write is left.
sys::Result<sys::Fd> reopen(int fd);

/// What kind of copy.
struct Copy {
  bool shares_blocks = false;  ///< by FICLONE, or not at all
  int seals = 0;               ///< of a memfd; any other file has none
};

/// Makes `to` a copy of the running binary and gives an O_PATH fd for it, with no writer left.
sys::Result<sys::Fd> finish_copy(sys::Result<sys::Fd> to, Copy how = {});

/// The path of the running binary: readlink(2) of /proc/self/exe.
struct BinaryPath {
  char text[4096];
  char* name;  ///< the last slash

  sys::Result<void> read();
  /// Reads it and opens the directory; `name` is then the binary's name there.
  sys::Result<sys::Fd> open_directory();
};

/// `file`, if it is the running binary: device, inode, size and time of the last change. On an
/// overlay, which has devices and inodes of its own, the last two. Otherwise ESTALE, and it is
/// closed.
sys::Result<sys::Fd> require_running_binary(sys::Result<sys::Fd> file, bool on_overlay = false);

/// What makes a memfd unwritable for good (F_ADD_SEALS, fcntl(2)).
inline constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

inline constexpr char kSelf[] = "/proc/self/exe";

}  // namespace stub::seal
