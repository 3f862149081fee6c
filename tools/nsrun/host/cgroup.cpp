#include "tools/nsrun/host/cgroup.h"

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/mount_table.h"

namespace nsrun {

namespace {

constexpr char kOption[] = "--cgroup";

void append_mount_point(sys::StringBuilder& path) {
  for (MountTable mounts; mounts.next();) {
    if (mounts.type() == "cgroup2") {
      path << mounts.point();
      return;
    }
  }
  fail(kOption, nullptr, "cgroup2 is mounted nowhere; an absolute path can be given");
}

}  // namespace

void Cgroup::open(const char* path) {
  if (path[0] != '/') {
    append_mount_point(path_);
    path_ << "/";
  }
  path_ << path;
  const auto made = sys::mkdirat(AT_FDCWD, path_.c_str(), 0755);
  made_ = static_cast<bool>(made);
  if (!made && !(made.error() == EEXIST)) fail(kOption, path_.c_str(), made.error());
  directory_ =
      check(sys::openat(AT_FDCWD, path_.c_str(), O_RDONLY | O_DIRECTORY), kOption, path_.c_str());
  // What is no control group has no such file.
  const auto is_one = sys::faccessat(directory_.get(), "cgroup.procs", 0);
  if (!is_one) {
    const sys::Errno error = is_one.error();
    (void)remove();
    fail(kOption, path_.c_str(), error);
  }
}

void Cgroup::move_here() const {
  const sys::Fd file =
      check(sys::openat(directory_.get(), "cgroup.procs", O_WRONLY), kOption, path_.c_str());
  check(sys::write_fully(file.get(), "0"), kOption, path_.c_str());
}

sys::Pid Cgroup::fork_into() const {
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(directory_.get());
  const auto born = sys::clone3(arguments);
  if (born) return born.value();
  const sys::Errno error = born.error();
  if (!(error == ENOSYS) && !(error == EBADF) && !(error == EINVAL) && !(error == E2BIG)) {
    (void)remove();
    fail(kOption, path_.c_str(), error);
  }
  const sys::Pid child = check(sys::clone(SIGCHLD), "clone", "stage 0");
  if (child == 0) move_here();
  return child;
}

sys::Errno Cgroup::remove() const {
  if (!made_) return {};
  const auto removed = sys::unlinkat(AT_FDCWD, path_.c_str(), AT_REMOVEDIR);
  return removed ? sys::Errno{} : removed.error();
}

}  // namespace nsrun
