// --join: the processes whose namespaces are joined.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Each process is identified once, by its directory below /proc, opened: that
/// is bound to the process. After its end each look into it fails, and another process that gets
/// the same pid is never joined.
class JoinedProcesses {
 public:
  static constexpr size_t kMost = 8;
  static constexpr size_t kMostOuter = 8;
  struct Process {
    sys::Fd directory;
    const char* pid = nullptr;
    unsigned types = 0;  ///< CLONE_NEW*: those to join
  };

  /// Opens those of every --join, and reads what the command gets of each. Ends nsrun where one is
  /// missing.
  void open(const Options& options);
  /// Every namespace to join, "user:PATH,…", in the order given.
  void append_paths(const Options& options, sys::StringBuilder& list) const;
  /// The contents of /proc/PID/cgroup of the one process that is joined (cgroups(7)).
  size_t read_cgroups(sys::Span<unsigned char> text) const;
  /// Lets them stay open at exec: for stage 0, which opens the paths.
  void keep_open() const;
  /// For Joined::read.
  void append(sys::StringBuilder& text) const;

  [[nodiscard]] sys::Span<const Process> processes() const { return {processes_, count_}; }

 private:
  void open_one(const char* pid, unsigned types);
  void open_parts(const NamespaceOptions& options);
  [[nodiscard]] sys::Fd open_part(const char* option, const char* name, int flags) const;
  void read_status(const Process& process);

  void open_user_namespace(const char* option);
  void open_outer_user_namespaces(const Process& process);

  const char* userns_ = nullptr;  // --userns: an fd, unless it is of our own user namespace
  Process processes_[kMost];
  size_t count_ = 0;
  // For others than root: the user namespaces in between ours and those that are joined. The next
  // one out comes first.
  sys::Fd outer_[kMostOuter];
  size_t outer_count_ = 0;
  Joined joined_;
};

}  // namespace nsrun
