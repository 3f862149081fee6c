#include "tools/nsrun/host/container_files.h"

namespace nsrun {

namespace {

bool shows_own_pid_namespace(int procfs) {
  char text[16];
  const auto self = sys::readlinkat(procfs, "self", {text, sizeof text});
  sys::ShortString own;
  own << sys::getpid();
  return self && self.value() == own.text();
}

}  // namespace

// Reads the line "Pid:" of a pidfd (proc_pid_fdinfo(5)). It has the process's pid in the pid
// namespace of that procfs, or 0 or -1 if the process has none there. /proc/self exists in any
// procfs that shows nsrun.
sys::Pid pid_in(int procfs, sys::Pid pid) {
  if (shows_own_pid_namespace(procfs)) return pid;
  auto process = sys::pidfd_open(pid);
  if (!process) return 0;
  const sys::Fd pidfd = process.value();
  sys::ShortString path;
  path << "self/fdinfo/" << pidfd.get();
  auto opened = stub::open_proc_file(procfs, path.c_str(), O_RDONLY);
  if (!opened) return 0;
  const sys::Fd file = opened.value();
  char text[520] = {};  // with NULs at the end, for the comparison
  (void)sys::read(file.get(), {reinterpret_cast<unsigned char*>(text), 512});
  for (const char* at = text; *at != '\0'; ++at) {
    if (!sys::Text(at, 6).starts_with("\nPid:\t")) continue;
    at += 6;
    return static_cast<sys::Pid>(sys::take_decimal(at, INT32_MAX).value);
  }
  return 0;
}

bool is_another_pid_namespaces_proc() {
  auto opened = stub::open_procfs();
  if (!opened) return false;
  const sys::Fd procfs = opened.value();
  return !shows_own_pid_namespace(procfs.get());
}

ContainerFiles::ContainerFiles(int procfs, sys::Pid pid)
    : procfs_(procfs), pid_(pid_in(procfs, pid)) {
  if (pid_ == 0) fail("/proc", nullptr, "of another pid namespace");
}

sys::Result<size_t> ContainerFiles::try_write(const char* file, sys::Text value) const {
  const auto opened = open(file, O_WRONLY);
  if (!opened) return opened.error();
  const sys::Fd fd = opened.value();
  return sys::write(fd.get(), value);
}

}  // namespace nsrun
