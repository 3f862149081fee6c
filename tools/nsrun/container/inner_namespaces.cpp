#include "tools/nsrun/container/inner_namespaces.h"

#include "stub/procfs.h"
#include "syscalls/ids.h"
#include "syscalls/memory.h"
#include "syscalls/namespaces.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/command_line/kernel_namespaces.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/id_ranges.h"
#include "tools/nsrun/common/procfs.h"
#include "tools/nsrun/common/user_namespaces.h"
#include "tools/nsrun/container/builder_process.h"
#include "tools/nsrun/container/cgroup_namespaces.h"
#include "tools/nsrun/container/ids.h"
#include "tools/nsrun/container/namespaces.h"
#include "tools/nsrun/container/rootfs.h"
#include "tools/nsrun/container/user_namespaces.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kGo[] = "\n";

// The container's first process and the builder wait for each other. If the socket ends, the other
// one has failed and reported why.
void receive_go(const Fd& socket) {
  unsigned char byte = 0;
  const size_t size = check(sys::receive(socket.get(), {&byte, 1}, 0), "recvfrom", "builder");
  if (size == 0) sys::exit(kExitOwnError);
}

void send_go(const Fd& socket) {
  const auto sent = sys::send_fully(socket.get(), kGo);
  // EPIPE: the other one has failed.
  if (!(sent.error() == EPIPE)) check(sent, "sendto", "builder");
}

// Forks the builder, and keeps this process's end of a socket pair between the two. Returns 0 in
// the builder.
sys::Pid fork_with_socket(const Options& options, sys::SocketPair& pair) {
  check(pair.open(SOCK_SEQPACKET), "socketpair", "builder");
  const sys::Pid builder = check(fork_builder(options, Shared::kNothing), "clone", "builder");
  (builder == 0 ? pair.first : pair.second).reset();
  return builder;
}

// The child process that stays in the outer user namespace. It writes the inner one's id maps, and
// builds the file system while its parent creates the other namespaces.
class Builder {
 public:
  Builder(const Options& options, Handover& handover, Fd socket, int procfs, Fd parent)
      : options_(options),
        handover_(handover),
        socket_(static_cast<Fd&&>(socket)),
        procfs_(procfs),
        parent_(static_cast<Fd&&>(parent)) {}

  [[noreturn]] void run();

 private:
  void build();
  void write_map(const char* file) const;

  const Options& options_;
  Handover& handover_;
  const Fd socket_;
  const int procfs_;
  const Fd parent_;  // the parent's directory below /proc
};

void Builder::run() {
  const bool build_first = handover_.needs_dumpable(options_);
  if (build_first) {
    build();
    send_go(socket_);
  }
  receive_go(socket_);
  write_map("uid_map");
  write_map("gid_map");
  if (!build_first) {
    handover_.become_root(options_);
    build();
  }
  sys::exit(0);
}

void Builder::build() {
  forbid_cgroup_namespaces(options_, procfs_);
  if (options_.rights.disable_userns) forbid_user_namespaces(procfs_);
  build_file_system(options_, handover_.mounts);
  leave_old_root(options_);
}

// Maps the same ids as in the outer user namespace. If 0 must not be mapped, the first process's
// own id is mapped to the outer 0. If all ids are mapped one line is enough, but the kernel refuses
// that line if nsrun itself is in a user namespace.
void Builder::write_map(const char* file) const {
  constexpr char kObject[] = "inner user namespace";
  const Fd opened = check(sys::openat(parent_.get(), file, O_WRONLY), kObject, file);
  if (options_.caller_is_root && options_.maps_all() && sys::write(opened.get(), kAllIds)) return;
  sys::ShortString own;
  own << "self/" << file;
  sys::Mapping memory;
  constexpr size_t kMost = 4096;  // the most that the kernel takes
  check(memory.map_private(2 * kMost), "mmap", file);
  auto* text = reinterpret_cast<char*>(memory.data());
  sys::StringBuilder map({text, kMost});
  const bool of_users = sys::same(file, "uid_map");
  append_mapped_ids(map, check(stub::open_proc_file(procfs_, own.c_str(), O_RDONLY), "open", file),
                    {text + kMost, kMost},
                    of_users ? options_.own_uid.inside : options_.own_gid.inside);
  check(sys::write(opened.get(), map.text()), kObject, file);
}

void create_inner_user_namespace(const Options& options) {
  const auto made = sys::unshare(CLONE_NEWUSER);
  if (made) return;
  require_kernel_if_invalid(options, made.error());
  sys::FixedString<256> reason;
  explain_refused_user_namespace(reason, made.error());
  fail("create", "the inner user namespace", reason.c_str());
}

void copy_mounts(const Options& options) {
  if (options.has_root()) check(sys::chdir("/"), "chdir", "/");
  check(sys::unshare(CLONE_NEWNS), "unshare", "inner mount namespace");
  mount_message_queues(options);
}

// For an outer user namespace that nsrun has created. A builder writes the maps of the inner one.
void enter_by_outer_user_namespace(const Options& options, Handover& handover, const Fd& procfs) {
  Fd self = check(sys::openat(procfs.get(), "self", O_PATH | O_DIRECTORY), "open", "/proc/self");
  sys::SocketPair pair;
  const sys::Pid builder = fork_with_socket(options, pair);
  if (builder == 0) {
    Builder(options, handover, static_cast<Fd&&>(pair.second), procfs.get(),
            static_cast<Fd&&>(self))
        .run();
  }
  const bool dumpable = handover.needs_dumpable(options);
  if (dumpable) {
    receive_go(pair.first);
    set_dumpable(true);
  }
  handover.become_root(options);
  create_inner_user_namespace(options);
  send_go(pair.first);
  create_namespaces(options, options.later_namespaces());
  wait_for_builder(builder);
  if (dumpable) set_dumpable(false);
  copy_mounts(options);
}

// What the builder creates must belong to the container's root, which is another id outside. The
// builder keeps its capabilities.
void act_as_mapped_root(const Options& options) {
  check(sys::prctl(PR_SET_KEEPCAPS, 1), "PR_SET_KEEPCAPS");
  check(sys::setgroups({}), "setgroups", "(none)");
  become(options.own_uid.outside, options.own_gid.outside);
  sys::CapabilitySets sets{};
  check(sys::capget(sets), "capget");
  for (auto& half : sets.halves) half.effective = half.permitted;
  check(sys::capset(sets), "capset");
}

// For an outer user namespace that is the caller's. nsrun outside writes the maps of the inner one.
void enter_from_callers_user_namespace(const Options& options, Handover& handover,
                                       const Fd& procfs) {
  const bool is_mapped = options.identity.uid_map != nullptr || options.identity.gid_map != nullptr;
  // If the file system is built quickly, a second process costs more than it saves.
  const bool fork = is_mapped || (options.has_root() && options.creates(CLONE_NEWNET));
  sys::SocketPair pair;
  const sys::Pid builder = fork ? fork_with_socket(options, pair) : 0;
  if (builder == 0) {
    // While pivot_root(2) works, the kernel takes its caller's processes for being in a chroot, and
    // refuses them a user namespace.
    if (fork) receive_go(pair.second);
    if (is_mapped) act_as_mapped_root(options);
    build_file_system(options, handover.mounts);
    leave_old_root(options);
    if (fork) sys::exit(0);
  }
  create_inner_user_namespace(options);
  if (fork) send_go(pair.first);
  handover.tell(options, Step::kUserNamespace);
  forbid_cgroup_namespaces(options, procfs.get());
  create_namespaces(options, options.later_namespaces());
  if (fork) wait_for_builder(builder);
  copy_mounts(options);
  handover.become_root(options);
}

}  // namespace

void enter_inner_namespaces(const Options& options, Handover& handover) {
  const Fd procfs = require_procfs();
  if (!handover.by_stages && options.needs_no_outer()) {
    enter_from_callers_user_namespace(options, handover, procfs);
  } else {
    enter_by_outer_user_namespace(options, handover, procfs);
  }
}

}  // namespace nsrun
