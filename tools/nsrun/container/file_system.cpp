#include "tools/nsrun/container/file_system.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "syscalls/namespaces.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/builder_process.h"
#include "tools/nsrun/container/cgroup_namespaces.h"
#include "tools/nsrun/container/inner_namespaces.h"
#include "tools/nsrun/container/namespaces.h"
#include "tools/nsrun/container/rootfs.h"

namespace nsrun {

namespace {

void protect_and_build(const Options& options, int mounts) {
  if (forbids_cgroup_namespaces(options)) {
    const sys::Fd procfs = check(stub::open_procfs(), "open", "/proc");
    forbid_cgroup_namespaces(options, procfs.get());
  }
  build_file_system(options, mounts);
}

// The file system and the network namespace, each some half a millisecond of the kernel's, at the
// same time. Where there can be no second process, one is done after the other.
void build_and_unshare(const Options& options, Handover& handover) {
  const auto builder = fork_builder(options);
  if (!builder || builder.value() == 0) {
    handover.become_root(options);
    protect_and_build(options, handover.mounts);
  }
  if (builder && builder.value() == 0) sys::exit(0);
  create_namespaces(options, options.later_namespaces());
  if (!builder) return;
  wait_for_builder(builder.value());
  handover.become_root(options);
}

// Where COMMAND starts without a root of its own, or in one that mounts make up: at the same path
// as before, and not below what has been mounted over it.
class WorkingDirectory {
 public:
  WorkingDirectory() {
    // What could not be said is nothing: "" is not below our root.
    (void)sys::getcwd({path_, sizeof path_});
  }
  void enter_again() const {
    if (path_[0] != '/') return;  // not below our root: no path leads there
    const auto entered = sys::chdir(path_);
    // It was there before: a mount hides it.
    if (!entered) fail("enter the working directory", path_, entered.error());
  }
  // As with bwrap: where the root has no such directory, COMMAND's home, and else "/".
  void enter_in(const char* home) const {
    if (path_[0] == '/' && sys::chdir(path_)) return;
    if (home != nullptr && *home == '/') (void)sys::chdir(home);
  }

 private:
  char path_[4096] = {};
};

void build(const Options& options, Handover& handover) {
  if (options.locks_mounts()) return enter_inner_namespaces(options, handover);
  if (options.later_namespaces() != 0) {
    build_and_unshare(options, handover);
  } else {
    handover.become_root(options);
    if (options.creates(CLONE_NEWNS)) protect_and_build(options, handover.mounts);
  }
  leave_old_root(options);
}

// Not inlined, for the stack's sake.
[[gnu::noinline]] void build_around_working_directory(const Options& options, Handover& handover,
                                                      const char* home) {
  const WorkingDirectory directory;
  build(options, handover);
  if (options.has_root()) {
    directory.enter_in(home);
  } else {
    directory.enter_again();
  }
}

}  // namespace

void make_file_system(const Options& options, Handover& handover, const char* home) {
  // Where mounts make the root up --chdir counts from "/", as with bwrap.
  const bool starts_at_root =
      options.has_root() && (!options.files.assembled || options.files.chdir != nullptr);
  if (starts_at_root || !options.creates(CLONE_NEWNS)) return build(options, handover);
  build_around_working_directory(options, handover, home);
}

}  // namespace nsrun
