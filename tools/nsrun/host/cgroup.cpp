#include "tools/nsrun/host/cgroup.h"

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/mount_table.h"

namespace nsrun {

namespace {

constexpr char kOption[] = "--cgroup";
constexpr char kJoin[] = "--join-cgroup";

// Whether `list`, such as "cpu,cpuacct", has each name of `wanted`.
bool has_all(sys::Text list, sys::Text wanted) {
  for (sys::Splitter names(wanted, ','); names.more();) {
    const sys::Text name = names.next();
    bool found = false;
    for (sys::Splitter words(list, ','); words.more();) found = words.next() == name || found;
    if (!found) return false;
  }
  return true;
}

void append_mount_point(sys::StringBuilder& path) {
  for (MountTable mounts; mounts.next();) {
    if (mounts.type() == "cgroup2") {
      path << mounts.point();
      return;
    }
  }
  fail(kOption, nullptr, "cgroup2 is not mounted; give an absolute path");
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
  directory_ = check(sys::open(path_.c_str(), O_RDONLY | O_DIRECTORY), kOption, path_.c_str());
  // A directory without this file is no control group.
  const auto is_one = sys::faccessat(directory_.get(), "cgroup.procs", 0);
  if (!is_one) {
    const sys::Errno error = is_one.error();
    (void)remove();
    fail(kOption, path_.c_str(), error);
  }
}

void Cgroup::move_to(int directory, const char* path) {
  const sys::Fd file = check(sys::openat(directory, "cgroup.procs", O_WRONLY), kOption, path);
  check(sys::write_fully(file.get(), "0"), kOption, path);
}

// A line is "0::/path" in version 2 and "4:memory:/path" in version 1.
void Cgroup::join(sys::Text list) {
  for (sys::Splitter lines(list, '\n'); lines.more();) {
    const sys::Text line = lines.next();
    const sys::Text rest = line.from(line.find(':')).from(line.contains(':') ? 1 : 0);
    if (!rest.contains(':')) continue;
    join_one(rest.first(rest.find(':')), rest.from(rest.find(':') + 1));
  }
  if (!is_open()) fail(kJoin, nullptr, "no control groups are mounted");
}

// A path with "/.." leads outside of our cgroup namespace.
void Cgroup::join_one(sys::Text controllers, sys::Text path) {
  if (path.starts_with("/..")) fail(kJoin, nullptr, "outside of the own cgroup namespace");
  for (MountTable mounts; mounts.next();) {
    const bool here = controllers.empty()
                          ? mounts.type() == "cgroup2"
                          : mounts.type() == "cgroup" && has_all(mounts.options(), controllers);
    if (!here) continue;
    path_.clear();
    path_ << mounts.point() << path;
    sys::Fd directory =
        check(sys::open(path_.c_str(), O_RDONLY | O_DIRECTORY), kJoin, path_.c_str());
    if (controllers.empty()) {
      directory_ = static_cast<sys::Fd&&>(directory);
    } else if (other_count_ < kMostOthers) {
      others_[other_count_++] = static_cast<sys::Fd&&>(directory);
    }
    return;
  }
}

sys::Pid Cgroup::fork_into() const {
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(directory_.get());
  auto born =
      directory_.is_open() ? sys::clone3(arguments) : sys::Result<sys::Pid>(sys::Errno{ENOSYS});
  const bool is_born_there = static_cast<bool>(born);
  if (!born) {
    const sys::Errno error = born.error();
    if (!(error == ENOSYS) && !(error == EBADF) && !(error == EINVAL) && !(error == E2BIG)) {
      (void)remove();
      fail(kOption, path_.c_str(), error);
    }
    born = sys::clone(SIGCHLD);
  }
  const sys::Pid child = check(born, "clone", "stage 0");
  if (child != 0) return child;
  if (!is_born_there && directory_.is_open()) move_to(directory_.get(), path_.c_str());
  for (size_t i = 0; i < other_count_; ++i) move_to(others_[i].get(), "of version 1");
  return child;
}

sys::Errno Cgroup::remove() const {
  if (!made_) return {};
  const auto removed = sys::unlinkat(AT_FDCWD, path_.c_str(), AT_REMOVEDIR);
  return removed ? sys::Errno{} : removed.error();
}

}  // namespace nsrun
