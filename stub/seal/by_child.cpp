// The strategies that need a mount namespace of their own. A short-lived child creates it and
// leaves an fd of a mount in it. The namespace ends with the child, and then the mount belongs to
// no namespace.
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

// A process that may rename files can put another file at `path` between any two of these calls.
// That does no harm: the file is checked after it is open, and remounted by its fd. The remount
// fails with EINVAL unless the fd's mount is in this namespace and has the file as its root.
Result<Fd> bind(const char* path) {
  // Without MS_PRIVATE the bind would appear in every namespace that shares mounts with this one.
  auto done = sys::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  if (done) done = sys::mount(path, path, nullptr, MS_BIND, nullptr);
  if (!done) return done.error();
  const Result<Fd> bound = sys::open(path, O_PATH);
  if (bound) {
    done = sys::mount(nullptr, FdPath(bound.get()).c_str(), nullptr,
                      MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr);
  }
  if (done) return bound;
  (void)sys::close(bound.get());
  return done.error();
}

// Runs in the child. It uses the path, because /proc/self/exe still refers to a mount of the
// parent's namespace, which open_tree and mount refuse.
Result<Fd> seal_in_own_namespace(unsigned namespaces) {
  BinaryPath path;
  auto done = path.read();
  // A user namespace is owned by the uid that creates it. Any process of that uid can access a
  // dumpable process in it, and through /proc/PID/root the host's files.
  if (done) done = Result<void>::of(sys::prctl(PR_SET_DUMPABLE, 0).release());
  if (done) done = sys::unshare(namespaces);
  if (!done) return done.error();
  return require_running_binary(namespaces == CLONE_NEWNS ? bind(path.text)
                                                          : mount_detached(path.text));
}

// The child shares this process's fd table, and a page where it stores the number of the fd that it
// has opened, so nothing has to be sent. Its exit signal is 0, so that this process can wait for it
// whatever it does with SIGCHLD.
Result<Fd> seal_by_child(unsigned namespaces) {
  sys::Mapping page;
  const auto mapped = page.map_shared(sizeof(long));
  if (!mapped) return mapped.error();
  auto* answer = reinterpret_cast<long*>(page.data());
  *answer = -ECHILD;  // for a child that dies without an answer
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
