// What only the host's side may write about a container's process.
#pragma once

#include "stub/procfs.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

/// The files of a process below /proc, opened through a handle that is shown to be a procfs. That
/// procfs may show another pid namespace than ours, as in a container that has the host's /proc:
/// the process has another pid there.
class ContainerFiles {
 public:
  /// `pid`: as our pid namespace has it. Ends nsrun where the procfs does not show that process.
  ContainerFiles(int procfs, sys::Pid pid);

  [[nodiscard]] sys::Result<sys::Fd> open(const char* file, int flags) const {
    return stub::open_proc_file(procfs_, stub::ProcessFile(pid_, file).c_str(), flags);
  }
  /// "ns/user", say.
  [[nodiscard]] sys::Result<sys::Fd> open_namespace(const char* file) const {
    return stub::open_proc_namespace(procfs_, stub::ProcessFile(pid_, file).c_str());
  }
  void write(const char* file, sys::Text value) const {
    check(try_write(file, value), "write /proc", stub::ProcessFile(pid_, file).c_str());
  }
  [[nodiscard]] sys::Result<size_t> try_write(const char* file, sys::Text value) const;

 private:
  int procfs_;
  sys::Pid pid_;
};

/// The pid that the process `pid` of our pid namespace has in that procfs; 0: none, or it cannot be
/// told (Linux 5.3: pidfd_open).
sys::Pid pid_in(int procfs, sys::Pid pid);

/// Whether /proc shows another pid namespace than ours. The stub's stages write by the pids of
/// ours.
bool is_another_pid_namespaces_proc();

}  // namespace nsrun
