// What only the host's side may write about a container's process.
#pragma once

#include "stub/procfs.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

/// The files of a process below /proc, written to through a handle that is shown to be a procfs.
class ContainerFiles {
 public:
  ContainerFiles(int procfs, sys::Pid pid) : procfs_(procfs), pid_(pid) {}

  /// Ends nsrun where that procfs shows another pid namespace than ours: the pid would be somebody
  /// else's. (An id map cannot be written for somebody else's process; other files can.)
  void require_own_pid_namespace() const {
    if (!of_own_pid_namespace()) fail("/proc", nullptr, "of another pid namespace");
  }
  [[nodiscard]] bool of_own_pid_namespace() const {
    char text[16];
    const auto self = sys::readlinkat(procfs_, "self", {text, sizeof text});
    sys::ShortString own;
    own << sys::getpid();
    return self && self.value() == own.text();
  }
  void write(const char* file, sys::Text value) const {
    check(try_write(file, value), "write /proc", stub::ProcessFile(pid_, file).c_str());
  }
  [[nodiscard]] sys::Result<size_t> try_write(const char* file, sys::Text value) const {
    const auto opened =
        stub::open_proc_file(procfs_, stub::ProcessFile(pid_, file).c_str(), O_WRONLY);
    if (!opened) return opened.error();
    const sys::Fd fd = opened.value();
    return sys::write(fd.get(), value);
  }

 private:
  int procfs_;
  sys::Pid pid_;
};

}  // namespace nsrun
