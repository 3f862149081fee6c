#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/mount.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

Result<Fd> mount_detached(const char* path) {
  const Result<Fd> opened = sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE);
  if (!opened) return opened;
  // Closed on return, which is the heart of it: while the tree's fd is open the mount lives in an
  // anonymous mount namespace, where a container's root could clear its read-only flag. Once it is
  // closed the mount belongs to no namespace, and every way to change a mount asks for one.
  const Fd tree = opened.value();
  sys::MountAttributes read_only;
  read_only.set = MOUNT_ATTR_RDONLY;
  const auto done = sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, read_only);
  if (!done) return done.error();
  // The same mount once more, as O_PATH, with no way through /proc.
  return sys::open_tree(tree.get(), "", AT_EMPTY_PATH);
}

Result<Fd> detached_mount(const Job& /*job*/) { return mount_detached(kSelf); }

}  // namespace stub::seal
