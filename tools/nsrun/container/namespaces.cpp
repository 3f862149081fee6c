#include "tools/nsrun/container/namespaces.h"

#include "syscalls/namespaces.h"
#include "tools/nsrun/command_line/kernel_namespaces.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/loopback.h"

namespace nsrun {

void create_first_namespaces(const Options& options, Handover& handover) {
  if (handover.by_stages) {
    handover.become_root(options);
    // The stub has created the other namespaces.
    if (options.may_lack_cgroup_namespace()) create_namespaces(options, CLONE_NEWCGROUP);
    const unsigned made = options.namespaces_to_create() & ~options.later_namespaces();
    if ((made & CLONE_NEWNET) != 0) bring_loopback_up();
    return;
  }
  // This process was born in these, or creates its user namespace later.
  constexpr unsigned kNotHere = CLONE_NEWUSER | kBornIn;
  // Files of the other namespaces belong to the ids that this process has when it creates them, so
  // it must be root before. With an inner user namespace only the mount and the cgroup namespace
  // are created here, and these have no such files.
  const bool mapped = options.identity.uid_map != nullptr || options.identity.gid_map != nullptr ||
                      options.lacks_root();
  if (mapped && !options.locks_mounts()) handover.become_root(options);
  create_namespaces(options,
                    options.namespaces_to_create() & ~kNotHere & ~options.later_namespaces());
}

void create_namespaces(const Options& options, unsigned flags) {
  // In a call of its own, because it may fail. If unshare(2) of a mount namespace together with
  // another type fails, many kernels leave our root directory in the mount namespace that they have
  // discarded.
  if ((flags & CLONE_NEWCGROUP) != 0 && options.may_lack_cgroup_namespace()) {
    const auto made = sys::unshare(CLONE_NEWCGROUP);
    // ENOSPC: an outer nsrun has forbidden it (cgroup_namespaces.h). EINVAL: this kernel has none.
    const bool is_missing = made.error() == ENOSPC || made.error() == EINVAL;
    if (!is_missing) check(made, "unshare", "cgroup");
    flags &= ~unsigned{CLONE_NEWCGROUP};
  }
  if (flags == 0) return;
  sys::ShortString names;
  sys::append_names(names, flags);
  const auto made = sys::unshare(flags);
  require_kernel_if_invalid(options, made.error());
  check(made, "unshare", names.c_str() + 1);
  if ((flags & CLONE_NEWNET) != 0) bring_loopback_up();
}

}  // namespace nsrun
