// The mounts of this process's mount namespace: proc_pid_mountinfo(5).
#pragma once

#include "syscalls/memory.h"
#include "syscalls/text.h"

namespace nsrun {

/// Reads /proc/self/mountinfo once, and then returns one mount after the other. Ends nsrun if the
/// file cannot be read.
class MountTable {
 public:
  MountTable();

  /// Goes to the next mount. Returns false if there is none.
  bool next();
  /// The mount point, as this process sees it.
  [[nodiscard]] sys::Text point() const { return point_.text(); }
  /// The type of its file system: "cgroup2".
  [[nodiscard]] sys::Text type() const { return type_; }
  /// Options of that file system: "rw,memory".
  [[nodiscard]] sys::Text options() const { return options_; }

 private:
  sys::Mapping memory_;
  sys::Splitter lines_{sys::Text(), '\n'};
  sys::Path point_;
  sys::Text type_;
  sys::Text options_;
};

}  // namespace nsrun
