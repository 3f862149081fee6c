// The files of a container's process that only host/ may write.
#pragma once

#include "stub/procfs.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

/// The files of a process below /proc, opened through a handle that is verified to be a procfs. If
/// that procfs shows another pid namespace than ours, as in a container that has the host's /proc,
/// the process has another pid there.
class ContainerFiles {
 public:
  /// `pid` is the pid in our pid namespace. Ends nsrun if the procfs does not show that process.
  ContainerFiles(int procfs, sys::Pid pid);

  [[nodiscard]] sys::Result<sys::Fd> open(const char* file, int flags) const {
    return stub::open_proc_file(procfs_, stub::ProcessFile(pid_, file).below_proc(), flags);
  }
  /// `file` is "ns/user" or the like.
  [[nodiscard]] sys::Result<sys::Fd> open_namespace(const char* file) const {
    return stub::open_proc_namespace(procfs_, stub::ProcessFile(pid_, file).below_proc());
  }
  void write(const char* file, sys::Text value) const {
    check(try_write(file, value), "write", stub::ProcessFile(pid_, file).c_str());
  }
  [[nodiscard]] sys::Result<size_t> try_write(const char* file, sys::Text value) const;

 private:
  int procfs_;
  sys::Pid pid_;
};

/// The pid in that procfs of the process `pid` of our pid namespace. 0: it has none, or the kernel
/// cannot tell (before Linux 5.3, without pidfd_open).
sys::Pid pid_in(int procfs, sys::Pid pid);

/// Whether /proc shows another pid namespace than ours. The stub's stages use pids of ours.
bool is_another_pid_namespaces_proc();

}  // namespace nsrun
