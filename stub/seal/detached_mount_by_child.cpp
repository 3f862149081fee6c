#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/memory.h"
#include "syscalls/namespaces.h"
#include "syscalls/process.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

namespace {

// In the child. By path: an open of /proc/self/exe would still name the mount of the parent's
// namespace, which open_tree refuses.
Result<Fd> mount_in_own_namespace() {
  BinaryPath path;
  const auto read = path.read();
  if (!read) return read.error();
  const auto unshared = sys::unshare(CLONE_NEWUSER | CLONE_NEWNS);
  if (!unshared) return unshared.error();
  return require_running_binary(mount_detached(path.text));
}

}  // namespace

// The child shares our table of fds, and a page in which it leaves the number of the one that it
// has opened: nothing has to be sent. The kernel ends it with no signal for us (an exit signal of
// 0), so that it is ours to wait for whatever this process does with SIGCHLD.
Result<Fd> detached_mount_by_child(const Job& /*job*/) {
  sys::Mapping page;
  const auto mapped = page.map_shared(sizeof(long));
  if (!mapped) return mapped.error();
  auto* answer = reinterpret_cast<long*>(page.data());
  *answer = -ECHILD;  // a child that dies without a word
  const auto child = sys::clone(CLONE_FILES);
  if (!child) return child.error();
  if (child.value() == 0) {
    *answer = mount_in_own_namespace().release();
    sys::exit(0);
  }
  (void)sys::wait(child.value(), __WALL);
  return Result<Fd>::of(*answer);
}

}  // namespace stub::seal
