#include "stub/seal/proof.h"

#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/mount.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

namespace {

bool is_of_type(const struct statfs& file_system, unsigned long magic) {
  return static_cast<unsigned long>(file_system.f_type) == magic;
}

bool is_sealed_memfd() {
  const Result<Fd> opened = sys::openat(AT_FDCWD, kSelf, O_RDONLY);
  if (!opened) return false;
  const Fd self = opened.value();
  const auto seals = sys::fcntl(self.get(), F_GET_SEALS);
  return seals && (seals.value() & kSeals) == kSeals;
}

// Whether a mount of that id is in our mount namespace; also yes where we cannot know.
// proc_pid_mountinfo(5): the id is the first number of each line.
bool is_in_mount_table(uint64_t id) {
  const Result<Fd> opened = sys::openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY);
  if (!opened) return true;
  const Fd table = opened.value();
  constexpr uint64_t kPassed = ~uint64_t{0};
  uint64_t number = 0;
  for (;;) {
    unsigned char buffer[4096];
    const auto size = sys::read(table.get(), {buffer, sizeof buffer});
    if (!size) return true;
    if (size.value() == 0) return false;
    for (const unsigned char c : sys::Span<unsigned char>{buffer, size.value()}) {
      if (c == '\n') {
        number = 0;
      } else if (number != kPassed) {
        if (c == ' ' && number == id) return true;
        number = c == ' ' ? kPassed : number * 10 + (c - '0');
      }
    }
  }
}

// A read-only mount that is in no mount namespace: nothing can make it writable any more. The flag
// alone would prove nothing, a read-only root file system has it too.
//
// The binary must be the root of its mount, or right below that on an overlay, as those who seal
// make them. A mount of another mount namespace, which is in no table of ours either, would show
// its whole path; and a file system that was unmounted lazily has a directory as its root.
bool is_detached_read_only_mount(const struct statfs& file_system, bool copied) {
  BinaryPath path;
  constexpr unsigned long kReadOnly = 1;  // ST_RDONLY
  // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel's by now
  if ((file_system.f_flags & kReadOnly) == 0 || !path.read() || path.name != path.text) {
    return false;
  }
  const bool is_root = path.text[1] == '\0';
  if (!is_root && !is_of_type(file_system, OVERLAYFS_SUPER_MAGIC)) return false;
  // The kernel's own word: a mount that is in no namespace of ours cannot be changed, not even to
  // what it is already. What is not its mount's root it refuses in the same way.
  sys::MountAttributes read_only;
  read_only.set = MOUNT_ATTR_RDONLY;
  const auto answer = sys::mount_setattr(AT_FDCWD, kSelf, 0, read_only);
  if (answer) return false;  // its tree is open somewhere: it can be changed
  const bool refused = answer.error() == EINVAL;
  if (is_root && refused) return true;
  // Where it cannot be asked (EPERM, ENOSYS), the variable is the second witness.
  struct statx self;
  return (refused || copied) && sys::statx(AT_FDCWD, kSelf, 0, STATX_MNT_ID, self) &&
         // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel's by now
         (self.stx_mask & STATX_MNT_ID) != 0 && !is_in_mount_table(self.stx_mnt_id);
}

bool has_no_name() {
  struct statx self;
  // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel's by now
  return sys::statx(AT_FDCWD, kSelf, 0, STATX_NLINK, self) && self.stx_nlink == 0;
}

}  // namespace

const char* proof(bool copied) {
  struct statfs file_system;
  if (!sys::statfs(kSelf, file_system)) return nullptr;
  // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel's by now
  if (is_detached_read_only_mount(file_system, copied)) return "detached read-only mount";
  // Only what can be one of the copies is asked for more: a memfd, or what we have made.
  if ((!copied && !is_of_type(file_system, TMPFS_MAGIC)) || !has_no_name()) return nullptr;
  if (is_sealed_memfd()) return "sealed memfd";
  return copied ? "file without a name" : nullptr;
}

}  // namespace stub::seal
