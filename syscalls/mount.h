// Mounts: the old calls and the mount API of Linux 5.2 and 5.12.
#pragma once

#include "syscalls/fd.h"

namespace sys {

/// struct mount_attr of <linux/mount.h>, 5.12 (glibc 2.36 declares a struct of the same name).
struct MountAttributes {
  uint64_t set = 0;          ///< MOUNT_ATTR_* to set
  uint64_t clear = 0;        ///< MOUNT_ATTR_* to clear
  uint64_t propagation = 0;  ///< MS_PRIVATE, MS_SLAVE, … or 0 for no change
  uint64_t user_namespace = 0;
};

/// fsconfig(2) commands (enum fsconfig_command, 5.2).
enum class FsConfig : unsigned {
  kSetFlag = 0,
  kSetString = 1,
  kCreate = 6,
};

/// open_tree(2), 5.2: returns an fd for the mount at `path`; with OPEN_TREE_CLONE, for a detached
/// copy, which is unmounted when the fd is closed. EPERM: no CAP_SYS_ADMIN. EINVAL: the mount is in
/// another mount namespace.
inline Result<Fd> open_tree(int dir, const char* path, unsigned flags) {
  return call<Fd>(__NR_open_tree, dir, path, flags | OPEN_TREE_CLOEXEC);
}

/// move_mount(2), 5.2: attaches a detached mount, or moves one.
inline Result<void> move_mount(int from_dir, const char* from, int to_dir, const char* to,
                               unsigned flags) {
  return call<void>(__NR_move_mount, from_dir, from, to_dir, to, flags);
}

/// mount_setattr(2), 5.12. EINVAL: the mount is not in the caller's mount namespace.
inline Result<void> mount_setattr(int dir, const char* path, unsigned flags,
                                  const MountAttributes& attributes) {
  return call<void>(__NR_mount_setattr, dir, path, flags, &attributes, sizeof attributes);
}

/// fsopen(2), 5.2: returns an fd to configure a new file system. ENODEV: the kernel lacks that
/// type.
inline Result<Fd> fsopen(const char* type) { return call<Fd>(__NR_fsopen, type, FSOPEN_CLOEXEC); }
inline Result<void> fsconfig(int fs, FsConfig command, const char* key = nullptr,
                             const char* value = nullptr) {
  return call<void>(__NR_fsconfig, fs, static_cast<unsigned>(command), key, value, 0);
}
/// fsmount(2), 5.2: returns the configured file system as a detached mount.
inline Result<Fd> fsmount(int fs, unsigned attributes) {
  return call<Fd>(__NR_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
}

/// mount(2).
inline Result<void> mount(const char* source, const char* target, const char* type,
                          unsigned long flags, const char* options) {
  return call<void>(__NR_mount, source, target, type, flags, options);
}
/// umount2(2).
inline Result<void> unmount(const char* target, int flags) {
  return call<void>(__NR_umount2, target, flags);
}
/// pivot_root(2): if both are ".", the old root stays mounted on top of the new one.
inline Result<void> pivot_root(const char* new_root, const char* put_old) {
  return call<void>(__NR_pivot_root, new_root, put_old);
}

/// chroot(2). EPERM: no CAP_SYS_CHROOT.
inline Result<void> chroot(const char* path) { return call<void>(__NR_chroot, path); }

}  // namespace sys
