#include "stub/seal/proof.h"

#include <linux/fsverity.h>

#include "stub/seal/medium.h"
#include "stub/seal/mount.h"
#include "stub/seal/names.h"
#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/mount.h"
#include "syscalls/system.h"

namespace stub::seal {

using sys::Errno;
using sys::Fd;
using sys::Result;

namespace {

bool is_of_type(const sys::FileSystem& file_system, unsigned long magic) {
  return static_cast<unsigned long>(file_system.f_type) == magic;
}

// The number of the mount that a file is on. 0 if the kernel cannot tell: before Linux 5.8 it
// leaves this field 0.
[[gnu::noinline]] uint64_t mount_of(const char* path) {
  struct statx status;
  status.stx_mnt_id = 0;
  (void)sys::statx(AT_FDCWD, path, 0, STATX_MNT_ID, status);
  return status.stx_mnt_id;
}

// Whether the binary's mount is that of our own root directory.
bool is_on_our_root() {
  const uint64_t own = mount_of(kSelf);
  return own != 0 && own == mount_of("/");
}

// Whether the answer of change_propagation is reliable.
bool is_linux_6_17() {
  sys::SystemName name;
  if (!sys::uname(name)) return false;
  const char* cursor = name.release;
  const auto major = sys::take_decimal(cursor, 999).value;
  ++cursor;
  return major * 1000 + sys::take_decimal(cursor, 999).value >= 6017;
}

// EINVAL: the binary's mount is in no mount namespace. EPERM: it is in one where this process has
// no privileges, or this process may not call mount(2) at all. Before Linux 6.17 (commit
// cffd0441872e, may_change_propagation) EINVAL had other reasons too. MS_SLAVE changes nothing
// unless the mount is shared.
Errno change_propagation(unsigned long type) {
  return sys::mount(nullptr, kSelf, nullptr, type, nullptr).error();
}

// Whether the read-only mount that the binary is on is in no mount namespace, so that nothing can
// make it writable. docs/sealing.md explains each step.
bool is_detached_mount(const sys::FileSystem& file_system, bool copied) {
  BinaryPath path;
  if (!path.read() || path.name != path.text) return false;
  // 1. The binary is the root of its mount, or directly below it on an overlay.
  const bool is_root = path.text[1] == '\0';
  if (!is_root && !is_of_type(file_system, OVERLAYFS_SUPER_MAGIC)) return false;
  // 2. Is it the mount that is read-only, or the file system?
  const Result<Fd> written = sys::open(kSelf, O_WRONLY | O_NONBLOCK);
  if (written) {
    (void)sys::close(written.get());
    return false;
  }
  // 3. The mount is in no namespace of ours.
  const auto answer = make_read_only(AT_FDCWD, kSelf, 0);
  if (answer) return false;  // its tree is open somewhere, so it can be changed
  const bool refused = answer.error() == EINVAL;
  // 4. Nor in any other, on kernels that can tell.
  if (is_root && refused && is_linux_6_17()) {
    const Errno error = change_propagation(MS_SLAVE);
    if (error == 0) return false;
    if (error == EINVAL && written.error() == ETXTBSY) return true;
    // Two propagation types at once are EINVAL for any mount. If this fails with EPERM, a filter or
    // a security module refuses mount(2).
    if (error == EPERM && change_propagation(MS_SLAVE | MS_PRIVATE) == EINVAL) return false;
  }
  // 5. Otherwise trust the mount if the variable says that we have made it.
  if (!copied) return false;
  return is_root || (written.error() == EROFS && !is_on_our_root());
}

bool has_no_name() {
  sys::FileStatus self;
  // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel has filled it
  return sys::stat(AT_FDCWD, kSelf, 0, self) && self.st_nlink == 0;
}

}  // namespace

bool has_unwritable_content() {
  const auto self = static_cast<int>(sys::open(kSelf, O_RDONLY).release());
  if (self < 0) return false;
  constexpr int kError = ~__INT_MAX__;  // the bit of a negative answer
  const auto seals = static_cast<int>(sys::fcntl(self, F_GET_SEALS).release());
  bool unwritable = (seals & (kError | kSeals)) == kSeals;
  if (!unwritable) {
    // With room for a digest of no bytes, where any digest is too long.
    fsverity_digest digest{};
    unwritable = sys::ioctl(self, FS_IOC_MEASURE_VERITY, &digest).error() == EOVERFLOW;
  }
  (void)sys::close(self);
  return unwritable;
}

const char* proof(unsigned wanted, bool copied) {
  sys::FileSystem file_system;
  if (!sys::statfs(kSelf, file_system)) return nullptr;
  if (is_read_only(file_system)) {
    // NSEXEC_SEAL_OVERLAY to NSEXEC_SEAL_NONE. Of smaller numbers the difference is a large one.
    const bool wants_other_file =
        wanted - NSEXEC_SEAL_OVERLAY <= NSEXEC_SEAL_NONE - NSEXEC_SEAL_OVERLAY;
    if (!wants_other_file && is_read_only_medium(file_system)) return kMedium;
    if (is_detached_mount(file_system, copied)) return detached_mount_name();
  }
  // Ask further only if the file can be a copy: a memfd, or one that we have made.
  if ((!copied && !is_of_type(file_system, TMPFS_MAGIC)) || !has_no_name()) return nullptr;
  if (has_unwritable_content()) return memfd_name();
  return copied ? tmpfile_name() : nullptr;
}

}  // namespace stub::seal
