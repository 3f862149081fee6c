// --cgroup: the control group in which a container is created. cgroups(7).
#pragma once

#include "syscalls/process.h"

namespace nsrun {

/// A control group of the host's. It is created if it is missing, and then removed at the end.
class Cgroup {
 public:
  /// `path` is absolute or relative to the mount of cgroup2. Ends nsrun if the group cannot be
  /// opened.
  void open(const char* path);
  /// --join-cgroup: the groups that /proc/PID/cgroup lists, in every hierarchy that is mounted.
  void join(sys::Text list);
  [[nodiscard]] bool is_open() const { return directory_.is_open() || other_count_ != 0; }

  /// Forks a process that is in the control group: by clone3(2) with CLONE_INTO_CGROUP (Linux 5.7).
  /// On older kernels, and in a hierarchy of version 1, the child moves itself.
  sys::Pid fork_into() const;
  /// Removes the group if open() has created it. Returns the errno if that fails.
  sys::Errno remove() const;
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  void join_one(sys::Text controllers, sys::Text path);
  static void move_to(int directory, const char* path);

  static constexpr size_t kMostOthers = 16;
  sys::Fd directory_;
  sys::Fd others_[kMostOthers];  // directories in hierarchies of version 1
  size_t other_count_ = 0;
  bool made_ = false;
  sys::Path path_;
};

}  // namespace nsrun
