// --cgroup: the control group that a container is born in. cgroups(7).
#pragma once

#include "syscalls/process.h"

namespace nsrun {

/// A control group of the host's. Made where it is missing, and then removed at the end.
class Cgroup {
 public:
  /// `path`: absolute, or below where cgroup2 is mounted. Ends nsrun where it cannot be had.
  void open(const char* path);
  /// --join-cgroup: those that /proc/PID/cgroup lists, in every hierarchy that is mounted.
  void join(sys::Text list);
  [[nodiscard]] bool is_open() const { return directory_.is_open() || other_count_ != 0; }

  /// fork(2) into it: by clone3(2) with CLONE_INTO_CGROUP (Linux 5.7). Before that, and in a
  /// hierarchy of version 1, the child moves itself.
  sys::Pid fork_into() const;
  /// Removes it, if open() has made it. Gives the errno of a removal that failed.
  sys::Errno remove() const;
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  void join_one(sys::Text controllers, sys::Text path);
  static void move_to(int directory, const char* path);

  static constexpr size_t kMostOthers = 16;
  sys::Fd directory_;
  sys::Fd others_[kMostOthers];  // in hierarchies of version 1
  size_t other_count_ = 0;
  bool made_ = false;
  sys::Path path_;
};

}  // namespace nsrun
