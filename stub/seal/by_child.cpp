// The strategies that need a mount namespace of their own: a short-lived child makes it and leaves
// an fd of a mount there. The namespace ends with the child, and the mount belongs to none from
// then on.
#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "syscalls/memory.h"
#include "syscalls/mount.h"
#include "syscalls/namespaces.h"
#include "syscalls/process.h"

namespace stub::seal {

using sys::Fd;
using sys::Result;

namespace {

// Anybody who may rename files can put another file at `path` between any two of these calls. In
// this namespace that does no harm until the file is open; what is open is checked and remounted by
// its fd. The remount fails with EINVAL unless the fd's mount is in this very namespace and has the
// file as its root.
Result<Fd> bind(const char* path) {
  // Without MS_PRIVATE the bind would appear in every namespace that shares its mounts with ours.
  auto done = sys::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  if (done) done = sys::mount(path, path, nullptr, MS_BIND, nullptr);
  if (!done) return done.error();
  const Result<Fd> bound = sys::openat(AT_FDCWD, path, O_PATH);
  if (bound) {
    done = sys::mount(nullptr, FdPath(bound.get()).c_str(), nullptr,
                      MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr);
  }
  if (done) return bound;
  (void)sys::close(bound.get());
  return done.error();
}

// In the child. By path: an open of /proc/self/exe would still name the mount of the parent's
// namespace, which open_tree and mount refuse.
Result<Fd> seal_in_own_namespace(unsigned namespaces) {
  BinaryPath path;
  auto done = path.read();
  // A user namespace belongs to the uid that makes it, so any process of that uid may look into a
  // dumpable process there and find the host's files (/proc/PID/root).
  if (done) done = Result<void>::of(sys::prctl(PR_SET_DUMPABLE, 0).release());
  if (done) done = sys::unshare(namespaces);
  if (!done) return done.error();
  return require_running_binary(namespaces == CLONE_NEWNS ? bind(path.text)
                                                          : mount_detached(path.text));
}

// The child shares our table of fds, and a page in which it leaves the number of the one that it
// has opened: nothing has to be sent. The kernel ends it with no signal for us (an exit signal of
// 0), so that it is ours to wait for whatever this process does with SIGCHLD.
Result<Fd> seal_by_child(unsigned namespaces) {
  sys::Mapping page;
  const auto mapped = page.map_shared(sizeof(long));
  if (!mapped) return mapped.error();
  auto* answer = reinterpret_cast<long*>(page.data());
  *answer = -ECHILD;  // a child that dies without a word
  const auto child = sys::clone(CLONE_FILES);
  if (!child) return child.error();
  if (child.value() == 0) {
    *answer = seal_in_own_namespace(namespaces).release();
    sys::exit(0);
  }
  (void)sys::wait(child.value(), __WALL);
  return Result<Fd>::of(*answer);
}

}  // namespace

Result<Fd> detached_mount_by_child(const Job& /*job*/) {
  return seal_by_child(CLONE_NEWUSER | CLONE_NEWNS);
}

Result<Fd> bind_mount(const Job& /*job*/) { return seal_by_child(CLONE_NEWNS); }

}  // namespace stub::seal
