// --cgroup: the control group that a container is born in. cgroups(7).
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/command_line/options.h"

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

/// Whether the container is to be kept from control groups. One that sees the host's files can
/// write to them anyway, and without a user namespace there is nothing that could be set for it
/// alone.
bool forbids_cgroup_namespaces(const Options& options);

/// If so: forbids new cgroup namespaces in the caller's user namespace and below, which must be the
/// container's: one that belongs to COMMAND, or to a user namespace that COMMAND makes, would allow
/// it to mount the cgroup file system and to change the limits of its own control group. `procfs`
/// is a writable one.
void forbid_cgroup_namespaces(const Options& options, int procfs);

}  // namespace nsrun
