#include "tools/nsrun/container/file_system.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "syscalls/namespaces.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/procfs.h"
#include "tools/nsrun/container/builder_process.h"
#include "tools/nsrun/container/cgroup_namespaces.h"
#include "tools/nsrun/container/inner_namespaces.h"
#include "tools/nsrun/container/namespaces.h"
#include "tools/nsrun/container/rootfs.h"

namespace nsrun {

namespace {

void protect_and_build(const Options& options, int mounts) {
  if (forbids_cgroup_namespaces(options)) {
    const sys::Fd procfs = require_procfs();
    forbid_cgroup_namespaces(options, procfs.get());
  }
  build_file_system(options, mounts);
}

// Builds the file system and creates the network namespace at the same time, because the kernel
// needs about half a millisecond for each. If there can be no second process, does one after the
// other.
void build_and_unshare(const Options& options, Handover& handover) {
  const auto builder = fork_builder(options, Shared::kDirectories);
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

// Where COMMAND starts without a root of its own, or in one that mounts build: at the same path as
// before, but not in a directory that a mount now hides.
class WorkingDirectory {
 public:
  WorkingDirectory() {
    // If this fails the path is "", which counts as not below our root.
    (void)sys::getcwd({path_, sizeof path_});
  }
  void enter_again() const {
    if (path_[0] != '/') return;  // not below our root, so no path leads there
    const auto entered = sys::chdir(path_);
    // The directory was there before, so a mount hides it.
    if (!entered) fail("enter the working directory", path_, entered.error());
  }
  // As in bwrap: if the root has no such directory, goes to COMMAND's home, or else stays in "/".
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

// Not inlined, because it needs much stack.
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
  // If mounts build the root, --chdir is relative to "/", as in bwrap.
  const bool starts_at_root =
      options.has_root() && (!options.files.assembled || options.files.chdir != nullptr);
  if (starts_at_root || !options.creates(CLONE_NEWNS)) return build(options, handover);
  build_around_working_directory(options, handover, home);
}

}  // namespace nsrun
