#include "tools/nsrun/container/namespaces.h"

#include "syscalls/namespaces.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/loopback.h"

namespace nsrun {

void create_first_namespaces(const Options& options, Handover& handover) {
  if (handover.by_stages) {
    handover.become_root(options);
    // The stub has made the others.
    if (options.may_lack_cgroup_namespace()) create_namespaces(options, CLONE_NEWCGROUP);
    const unsigned made = options.namespaces_to_create() & ~options.later_namespaces();
    if ((made & CLONE_NEWNET) != 0) bring_loopback_up();
    return;
  }
  // The user namespace is there, or is made later.
  constexpr unsigned kNotHere = CLONE_NEWUSER | kBornIn;
  // The ids of what belongs to the other namespaces are read when they are made. With an inner user
  // namespace they are the mount and the cgroup namespace, which have none.
  const bool mapped = options.identity.uid_map != nullptr || options.identity.gid_map != nullptr ||
                      options.lacks_root();
  if (mapped && !options.locks_mounts()) handover.become_root(options);
  create_namespaces(options,
                    options.namespaces_to_create() & ~kNotHere & ~options.later_namespaces());
}

void create_namespaces(const Options& options, unsigned flags) {
  // By itself, for it may fail: an unshare(2) of a mount namespace and something else that fails
  // leaves, on many kernels, our root directory in the mount namespace that it has thrown away.
  if ((flags & CLONE_NEWCGROUP) != 0 && options.may_lack_cgroup_namespace()) {
    const auto made = sys::unshare(CLONE_NEWCGROUP);
    // ENOSPC: an nsrun further out has forbidden it (cgroup_namespaces.h). EINVAL: this kernel has
    // none.
    const bool is_missing = made.error() == ENOSPC || made.error() == EINVAL;
    if (!is_missing) check(made, "unshare", "cgroup");
    flags &= ~unsigned{CLONE_NEWCGROUP};
  }
  if (flags == 0) return;
  sys::ShortString names;
  sys::append_names(names, flags);
  check(sys::unshare(flags), "unshare", names.c_str() + 1);
  if ((flags & CLONE_NEWNET) != 0) bring_loopback_up();
}

}  // namespace nsrun
