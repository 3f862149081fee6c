#include "tools/nsrun/container/cgroup_namespaces.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

bool forbids_cgroup_namespaces(const Options& options) {
  return options.creates(CLONE_NEWUSER) &&
         (options.has_root() || options.process.cgroup != nullptr);
}

// By the limit of the user namespace (namespaces(7), "The /proc/sys/user directory"). Only a
// process with CAP_SYS_RESOURCE there can change it.
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
  // In an outer container /proc/sys may be read-only. This is an error only with --cgroup.
  if (!written && options.process.cgroup != nullptr) fail("--cgroup", kLimit, written.error());
}

}  // namespace nsrun
