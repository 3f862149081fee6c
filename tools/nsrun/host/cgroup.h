// --cgroup: the control group that a container is born in. cgroups(7).
#pragma once

#include "syscalls/process.h"

namespace nsrun {

/// A control group of the host's. Made where it is missing, and then removed at the end.
class Cgroup {
 public:
  /// `path`: absolute, or below where cgroup2 is mounted. Ends nsrun where it cannot be had.
  void open(const char* path);
  [[nodiscard]] bool is_open() const { return directory_.is_open(); }

  /// fork(2) into it: by clone3(2) with CLONE_INTO_CGROUP (Linux 5.7). Before that, and in a
  /// hierarchy of version 1, the child moves itself.
  sys::Pid fork_into() const;
  /// Removes it, if open() has made it. Gives the errno of a removal that failed.
  sys::Errno remove() const;
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  void move_here() const;

  sys::Fd directory_;
  bool made_ = false;
  sys::Path path_;
};

}  // namespace nsrun
