// The sealing strategies. Each is a function that returns an executable O_PATH fd of the running
// binary's code, or the errno that says why it does not work here. docs/sealing.md compares them.
#pragma once

#include "arch/syscall.h"
#include "stub/job.h"
#include "stub/procfs.h"
#include "stub/seal/mount.h"
#include "syscalls/fd.h"

namespace stub::seal {

/// A detached, read-only mount of the binary's file. It changes nothing on the host, needs no
/// memory, and takes some tens of microseconds. Linux 5.12 (mount_setattr), CAP_SYS_ADMIN in the
/// mount namespace's user namespace (EPERM).
sys::Result<sys::Fd> detached_mount(const Job& job);

/// The same, made by a short-lived child that is root of its own user namespace: for ordinary
/// users. Linux 5.12, unprivileged user namespaces. The path of the binary must still lead to it
/// (ESTALE).
sys::Result<sys::Fd> detached_mount_by_child(const Job& job);

/// A private read-only overlay over the binary's directory. Linux 5.2 and overlayfs (ENODEV),
/// CAP_SYS_ADMIN. Second layer: STATEDIR, which must not lie above or below (ELOOP).
sys::Result<sys::Fd> overlay(const Job& job);

/// A read-only bind mount of the binary's file, made by a short-lived child in a mount namespace of
/// its own. Any kernel, CAP_SYS_ADMIN. The path of the binary must still lead to it (ESTALE).
sys::Result<sys::Fd> bind_mount(const Job& job);

/// A copy beside the binary that shares its blocks (FICLONE): btrfs, xfs, bcachefs. Needs a
/// writable directory.
sys::Result<sys::Fd> reflink(const Job& job);

/// A copy in a sealed memfd. Linux 3.17, vm.memfd_noexec below 2 (EACCES). Costs the binary's size
/// in memory.
sys::Result<sys::Fd> memfd(const Job& job);

/// A copy in a file without a name in STATEDIR (O_TMPFILE, Linux 3.11). Costs its size on disk.
sys::Result<sys::Fd> tmpfile(const Job& job);

/// Opens /proc/self/fd/`fd` again, as O_PATH, which gives no right to write.
sys::Result<sys::Fd> reopen(int fd);

/// The kind of copy.
struct Copy {
  bool shares_blocks = false;  ///< copy only by FICLONE
  int seals = 0;               ///< F_SEAL_* of a memfd; other files have none
};

/// Makes `to` a copy of the running binary and returns an O_PATH fd of it. No writable fd stays
/// open.
sys::Result<sys::Fd> finish_copy(sys::Result<sys::Fd> to, Copy how = {});

/// The path of the running binary: readlink(2) of /proc/self/exe.
struct BinaryPath {
  char text[4096];
  char* name;  ///< the last slash

  sys::Result<void> read();
  /// Reads the path and opens the directory. `name` is then the binary's name in it.
  sys::Result<sys::Fd> open_directory();
};

/// Returns `file` if it is the running binary: the same device, inode, size and time of last
/// change. On an overlay, which has its own devices and inodes, only the last two count. Otherwise
/// closes it and returns ESTALE.
sys::Result<sys::Fd> require_running_binary(sys::Result<sys::Fd> file, bool on_overlay = false);

/// The seals that make a memfd unwritable for good (F_ADD_SEALS, fcntl(2)).
inline constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

NSEXEC_SHARED constexpr char kSelf[] = "/proc/self/exe";

}  // namespace stub::seal
