// --join: the processes whose namespaces are joined.
#pragma once

#include "syscalls/fd.h"
#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Each process is identified once, by its open directory below /proc, which is bound to the
/// process. After the process has ended, each lookup in the directory fails. So another process
/// that gets the same pid is never joined.
class JoinedProcesses {
 public:
  static constexpr size_t kMost = 8;
  static constexpr size_t kMostOuter = 8;
  struct Process {
    sys::Fd directory;
    const char* pid = nullptr;
    unsigned types = 0;  ///< CLONE_NEW*: the types to join
  };

  /// Opens the processes of every --join, and reads what COMMAND gets from each. Ends nsrun if one
  /// is missing.
  void open(const Options& options);
  /// Appends every namespace to join, "user:PATH,…", in the order given.
  void append_paths(const Options& options, sys::StringBuilder& list) const;
  /// Reads /proc/PID/cgroup of the one process that is joined (cgroups(7)).
  size_t read_cgroups(sys::Span<unsigned char> text) const;
  /// Keeps the descriptors open at exec, for stage 0, which opens the paths.
  void keep_open() const;
  /// Appends the text that Joined::read reads.
  void append(sys::StringBuilder& text) const;

  [[nodiscard]] sys::Span<const Process> processes() const { return {processes_, count_}; }

 private:
  void open_one(const char* pid, unsigned types);
  void open_parts(const NamespaceOptions& options);
  [[nodiscard]] sys::Fd open_part(const char* option, const char* name, int flags) const;
  void read_status(const Process& process);

  void open_user_namespace(const char* option);
  void open_outer_user_namespaces(const Process& process);

  const char* userns_ = nullptr;  // --userns: an fd; null if it is nsrun's own user namespace
  Process processes_[kMost];
  size_t count_ = 0;
  // For callers other than root: the user namespaces between nsrun's own and the joined ones, from
  // the inside out.
  sys::Fd outer_[kMostOuter];
  size_t outer_count_ = 0;
  Joined joined_;
};

}  // namespace nsrun
