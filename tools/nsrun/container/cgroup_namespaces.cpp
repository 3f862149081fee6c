#include "tools/nsrun/container/cgroup_namespaces.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

bool forbids_cgroup_namespaces(const Options& options) {
  return options.creates(CLONE_NEWUSER) &&
         (options.has_root() || options.process.cgroup != nullptr);
}

// By the user namespace's limit (namespaces(7), "The /proc/sys/user directory"): to change it takes
// CAP_SYS_RESOURCE there.
void forbid_cgroup_namespaces(const Options& options, int procfs) {
  if (!forbids_cgroup_namespaces(options)) return;
  constexpr char kLimit[] = "sys/user/max_cgroup_namespaces";
  const auto opened = stub::open_proc_file(procfs, kLimit, O_WRONLY);
  if (opened.error() == ENOENT) return;  // before Linux 4.9, or without control groups
  sys::Result<size_t> written = opened.error();
  if (opened) {
    const sys::Fd limit = opened.value();
    written = sys::write(limit.get(), "0");
  }
  // Inside a container /proc/sys may be read-only: only for a control group is that an error.
  if (!written && options.process.cgroup != nullptr) fail("--cgroup", kLimit, written.error());
}

}  // namespace nsrun
