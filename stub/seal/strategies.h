// The ways to a binary that nobody can write to. Each is a function from the running binary to an
// executable O_PATH fd, or to the errno that says why not here. docs/sealing.md compares them.
#pragma once

#include "stub/job.h"
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

/// A read-only bind mount on a file in STATEDIR, unmounted and unlinked again while it is kept
/// open. Any kernel, CAP_SYS_ADMIN. Touches the host's mount table three times a start.
sys::Result<sys::Fd> bind_mount(const Job& job);

/// A copy that shares the blocks (FICLONE) beside the binary: btrfs, xfs, bcachefs. A directory
/// that may be written to.
sys::Result<sys::Fd> reflink(const Job& job);

/// A copy in a sealed memfd. Linux 3.17, vm.memfd_noexec below 2 (EACCES). Costs the binary's size
/// in memory.
sys::Result<sys::Fd> memfd(const Job& job);

/// A copy in a file without a name in STATEDIR (O_TMPFILE, Linux 3.11). Costs its size on disk.
sys::Result<sys::Fd> tmpfile(const Job& job);

/// A copy in a file in STATEDIR whose name is removed at once. Any kernel.
sys::Result<sys::Fd> unlinked_file(const Job& job);

/// What the first two have in common: a detached read-only mount of the file at `path`.
sys::Result<sys::Fd> mount_detached(const char* path);

/// "/proc/self/fd/7".
class FdPath : public sys::ShortString {
 public:
  explicit FdPath(int fd) { *this << "/proc/self/fd/" << fd; }
};

/// Opens what /proc/self/fd/`fd` is once more, as O_PATH: no right to write is left.
sys::Result<sys::Fd> reopen(int fd);

/// Makes a new file in STATEDIR, open for reading and writing.
struct TemporaryFile {
  sys::Path path;
  sys::Result<sys::Fd> create(const Job& job);
};

/// Copies all of the running binary to `to` and gives an O_PATH fd for that, with no writer left.
/// A memfd is given seals; any other file has none.
sys::Result<sys::Fd> finish_copy(sys::Result<sys::Fd> to, int seals = 0);

/// The path of the running binary: readlink(2) of /proc/self/exe.
struct BinaryPath {
  char text[4096];
  char* name;  ///< the last slash

  sys::Result<void> read();
  /// Reads it and opens the directory; `name` is then the binary's name there.
  sys::Result<sys::Fd> open_directory();
};

/// `file`, if it shows the running binary, by the time of its last change and its size: device and
/// inode are others in an overlay. Otherwise ESTALE, and it is closed.
sys::Result<sys::Fd> require_running_binary(sys::Result<sys::Fd> file);

/// What makes a memfd unwritable for good (F_ADD_SEALS, fcntl(2)).
inline constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

inline constexpr char kSelf[] = "/proc/self/exe";

}  // namespace stub::seal
