#include "tools/nsrun/host/id_mapped_binds.h"

#include "stub/procfs.h"
#include "syscalls/mount.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/procfs.h"
#include "tools/nsrun/host/configure.h"
#include "tools/nsrun/host/container_files.h"

namespace nsrun {

using sys::Fd;

namespace {

// More messages do not fit into a socket before its reader starts.
constexpr int kMost = 64;

bool is_id_mapped(OptionId id) {
  return id == OptionId::kBindIdmap || id == OptionId::kRoBindIdmap;
}

// Makes a user namespace with the container's id maps. This needs a process, which then ends.
Fd make_user_namespace(const Options& options) {
  constexpr char kWhat[] = "user namespace for id-mapped mounts";
  sys::SocketPair pair;
  check(pair.open(SOCK_SEQPACKET), "socketpair", kWhat);
  const sys::Pid child = check(sys::clone(CLONE_NEWUSER), "clone", kWhat);
  if (child == 0) {
    pair.first.reset();
    unsigned char byte = 0;
    (void)sys::receive(pair.second.get(), {&byte, 1}, 0);  // until the parent closes its end
    sys::exit(0);
  }
  const Fd procfs = require_procfs();
  const ContainerFiles files(procfs.get(), child);
  write_id_maps(options, files);
  Fd made = check(files.open_namespace("ns/user"), "open", kWhat);
  pair.first.reset();
  check(sys::wait(child, __WALL), "wait", kWhat);
  return made;
}

[[noreturn]] void refuse(const Option& option, sys::Errno error) {
  if (error == ENOSYS) fail(option.name, option.value, "wants Linux 5.12 (mount_setattr)");
  if (error == EINVAL) {
    fail(option.name, option.value,
         "this kernel cannot map the owners of its file system, or of one below it");
  }
  if (error == EPERM) {
    fail(option.name, option.value,
         "wants CAP_SYS_ADMIN in the user namespace of its file system, and owners that are not "
         "mapped yet");
  }
  fail(option.name, option.value, error);
}

// Private or slave: a copy of a shared mount is shared, and what the container mounts below it
// would appear on the host.
Fd make_bind(const Options& options, const Option& option, const Fd& user_namespace) {
  Fd copy = check(sys::open_tree(AT_FDCWD, option.value, OPEN_TREE_CLONE | AT_RECURSIVE),
                  option.name, option.value);
  sys::MountAttributes attributes;
  attributes.propagation = options.files.slave ? MS_SLAVE : MS_PRIVATE;
  if (user_namespace.is_open()) {
    attributes.set = MOUNT_ATTR_IDMAP;
    attributes.user_namespace = static_cast<uint64_t>(user_namespace.get());
  }
  const auto set = sys::mount_setattr(copy.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, attributes);
  if (!set) refuse(option, set.error());
  return copy;
}

void require_root(const Options& options, const Option& option) {
  if (!options.caller_is_root) {
    fail(option.name, option.value, "only root can map the owners of files");
  }
  if (!options.creates(CLONE_NEWUSER)) {
    fail(option.name, option.value, "wants a new user namespace (without one: --bind)");
  }
}

}  // namespace

Fd make_id_mapped_binds(const Options& options) {
  if (!options.files.id_mapped) return Fd();
  sys::SocketPair pair;
  Fd user_namespace;
  int count = 0;
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (!is_id_mapped(option.id)) continue;
    require_root(options, option);
    if (count++ == 0) {
      check(pair.open(SOCK_SEQPACKET), "socketpair", option.name);
      // If each id is mapped to itself, no mapping is needed.
      if (!options.maps_all()) user_namespace = make_user_namespace(options);
    }
    if (count > kMost) fail(option.name, option.value, "more than 64 id-mapped mounts");
    const Fd bind = make_bind(options, option, user_namespace);
    char byte = '\n';
    check(sys::FdMessage({&byte, 1}, bind.get()).send(pair.first.get()), option.name, "sendmsg");
  }
  return static_cast<Fd&&>(pair.second);
}

}  // namespace nsrun
