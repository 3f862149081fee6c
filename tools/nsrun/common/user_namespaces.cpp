#include "tools/nsrun/common/user_namespaces.h"

#include "syscalls/file.h"
#include "syscalls/process.h"

namespace nsrun {

namespace {

constexpr char kLimit[] = "/proc/sys/user/max_user_namespaces";
constexpr char kDebian[] = "/proc/sys/kernel/unprivileged_userns_clone";
constexpr char kUbuntu[] = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

// The number in a file that holds one. Not valid if there is no such file.
sys::Number read_number(const char* path) {
  const auto opened = sys::open(path, O_RDONLY);
  if (!opened) return {};
  const sys::Fd file = opened.value();
  unsigned char bytes[24] = {};
  if (!sys::read(file.get(), {bytes, sizeof bytes - 1})) return {};
  const char* cursor = reinterpret_cast<const char*>(bytes);
  return sys::take_decimal(cursor, __INT64_MAX__ / 10 - 9);
}

bool is(const char* path, int64_t wanted) {
  const sys::Number number = read_number(path);
  return number.valid && number.value == wanted;
}

bool is_filtered() {
  constexpr int kFilter = 2;  // SECCOMP_MODE_FILTER
  const auto mode = sys::prctl(PR_GET_SECCOMP, 0);
  return mode && mode.value() == kFilter;
}

// If the root is not a mount, chroot(2) has entered it. The kernel tells since Linux 5.8.
bool is_in_chroot() {
  constexpr uint64_t kMountRoot = 0x2000;  // STATX_ATTR_MOUNT_ROOT
  struct statx root {};
  if (!sys::statx(AT_FDCWD, "/", 0, STATX_TYPE, root)) return false;
  return (root.stx_attributes_mask & ~root.stx_attributes & kMountRoot) != 0;
}

}  // namespace

bool has_user_namespaces() {
  struct statx file {};
  return sys::statx(AT_FDCWD, "/proc/self/ns/user", 0, STATX_TYPE, file) && !is(kLimit, 0);
}

void explain_refused_user_namespace(sys::StringBuilder& reason, sys::Errno error) {
  if ((error == ENOSPC || error == EPERM) && is(kLimit, 0)) {
    reason << "user.max_user_namespaces is 0 (as root: raise it)";
  } else if (error == ENOSPC || error == EUSERS) {
    reason << "a limit is reached: user.max_user_namespaces, here or further out, or 32 "
              "inside each other";
  } else if (!(error == EPERM) && !(error == EACCES)) {
    reason << sys::ErrnoText(error).c_str();
  } else if (is(kDebian, 0)) {
    reason << "kernel.unprivileged_userns_clone is 0 (as root: set it to 1)";
  } else if (is(kUbuntu, 1)) {
    reason << "AppArmor: kernel.apparmor_restrict_unprivileged_userns is 1 (as root: give nsrun a "
              "profile with userns, or set it to 0)";
  } else if (is_filtered()) {
    reason << "a seccomp filter refuses it (a container's? run nsrun outside it)";
  } else {
    reason << "not allowed in a chroot" << (is_in_chroot() ? "" : ", or by a security module")
           << " (enter a root by nsrun --rootfs)";
  }
}

void explain_refused_id_map(sys::StringBuilder& reason, sys::Errno error) {
  if (error == EPERM && is(kUbuntu, 1)) return explain_refused_user_namespace(reason, error);
  if (error == EPERM) {
    reason << "the caller may not map these ids (an ordinary user only his own; others by "
              "newuidmap and newgidmap)";
  } else {
    reason << sys::ErrnoText(error).c_str();
  }
}

}  // namespace nsrun
