#include "stub/seal/mount.h"

#include "syscalls/mount.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

Result<void> make_read_only(int directory, const char* path, unsigned flags) {
  sys::MountAttributes read_only;
  read_only.set = MOUNT_ATTR_RDONLY;
  return sys::mount_setattr(directory, path, flags, read_only);
}

Result<Fd> mount_detached(const char* path) {
  const Result<Fd> opened = sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE);
  if (!opened) return opened;
  // The seal depends on closing this fd on return. While it is open, the mount is in an anonymous
  // mount namespace, where a container's root could clear its read-only flag. After that, the mount
  // belongs to no namespace, and every call that changes a mount requires one.
  const Fd tree = opened.value();
  const auto done = make_read_only(tree.get(), "", AT_EMPTY_PATH);
  if (!done) return done.error();
  // Opens the same mount again, as O_PATH, without using /proc.
  return sys::open_tree(tree.get(), "", AT_EMPTY_PATH);
}

}  // namespace stub::seal
