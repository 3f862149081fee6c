#include "tools/nsrun/command_line/kernel_namespaces.h"

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

void require_kernel(const Options& options) {
  // A kernel without control groups ignores cgroup.
  const unsigned wanted =
      (options.namespaces_to_create() & ~unsigned{CLONE_NEWCGROUP}) | CLONE_NEWNS;
  unsigned missing = 0;
  sys::FixedString<192> reason;
  reason << "not all are in this kernel (CONFIG_NET_NS, ...); root can do without:";
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    if ((wanted & type.flag) == 0) continue;
    sys::FixedString<24> path;
    path << "/proc/self/ns/" << type.name;
    struct statx file {};
    const auto found = sys::statx(AT_FDCWD, path.c_str(), 0, STATX_TYPE, file);
    if (!(found.error() == ENOENT)) continue;
    missing |= type.flag;
    reason << " --share-" << type.name;
  }
  // Every kernel has mount namespaces: without them there is no /proc here.
  if (missing == 0 || (missing & CLONE_NEWNS) != 0) return;
  fail("namespaces", nullptr, reason.c_str());
}

}  // namespace nsrun
