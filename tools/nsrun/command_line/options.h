// The parsed command line.
#pragma once

#include "syscalls/namespaces.h"
#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/command_line/values.h"
#include "tools/nsrun/common/exit_status.h"

namespace nsrun {

/// What is wrong with a command line: the option, its value, the reason. If nothing is wrong, all
/// three are null.
struct WrongOption {
  const char* option;
  const char* value;
  const char* reason;
};

struct NamespaceOptions {
  unsigned create;    ///< CLONE_NEW*: namespaces to create
  unsigned shared;    ///< namespaces not to create, by --share-…
  bool create_given;  ///< --ns or --unshare-… was given
  bool joins;         ///< --join or --target was given
  unsigned typed;     ///< CLONE_NEW* of the letters: to join with --target, else to create
  bool has_target;    ///< --target was given
  bool join_cgroup;   ///< join the control groups of the joined process
  bool join_environment;
  bool join_root;
  bool join_directory;
  const char* userns;            ///< an fd of the user namespace to join
  bool try_user;                 ///< create a user namespace if that is possible
  bool try_cgroup;               ///< go on if there can be no cgroup namespace
  const char* monotonic_offset;  ///< seconds
  const char* boottime_offset;

  /// Whether an option asks for more of the joined process than its namespaces.
  [[nodiscard]] bool wants_process() const {
    return join_cgroup || join_environment || join_root || join_directory;
  }
  /// Whether a namespace is joined, if only a user namespace.
  [[nodiscard]] bool joins_any() const { return joins || userns != nullptr; }
};

struct IdentityOptions {
  const char* uid_map;  ///< INSIDE:OUTSIDE:COUNT,…
  const char* gid_map;
  bool map_root_user;
  bool map_auto;
  bool keep_id;      ///< the caller keeps his ids inside
  const char* uid;   ///< the caller's user id inside
  const char* gid;   ///< the caller's group id inside
  const char* user;  ///< UID[:GID[,GROUP]...]
};

/// An id in the new user namespace, and the id outside that it stands for.
struct MappedId {
  unsigned inside = 0;
  unsigned outside = 0;
};

struct FileOptions {
  bool mounts;  ///< an option that mounts something was given
  const char* rootfs;
  bool overlay_root;  ///< --overlay … /
  /// The mounts build the root: one of them is on /, or they are on an empty root.
  bool assembled;
  const char* chdir;
  bool read_only;
  bool mask;
  bool slave;      ///< --propagation slave
  bool given;      ///< an option with a descriptor was given (given.h)
  bool id_mapped;  ///< --bind-idmap or --ro-bind-idmap was given
  bool resolv_conf;
  bool bind_proc;
};

struct ProcessOptions {
  const char* hostname;
  const char* domainname;
  const char* oom_score_adj;
  const char* nice;
  const char* cgroup;
  bool die_with_parent;
  bool tty;
  bool tty_may_lack;  ///< main() chose --tty: go on without a terminal if there is none
  bool new_session;
  const char* argv0;    ///< what COMMAND sees as its name
  const char* sync_fd;  ///< an fd, and so is the next
  const char* block_fd;
  bool locks;  ///< --lock-file was given
  bool init;
  const char* grace_seconds;

  /// How long --init waits between SIGTERM and SIGKILL, in nanoseconds.
  [[nodiscard]] int64_t grace() const {
    constexpr int64_t kSecond = 1'000'000'000;
    if (grace_seconds == nullptr) return kSecond;
    return sys::parse_decimal(grace_seconds, kMostGrace).value * kSecond;
  }
  static constexpr int64_t kMostGrace = 86400;
};

/// What COMMAND may do, and what it keeps of the caller's privileges and files.
struct RightsOptions {
  bool new_privs;
  const char* seccomp;  ///< an fd; if several were given, the last one
  bool landlock;        ///< --landlock-ro or --landlock-rw was given
  bool keep_fds;
  bool keep_keyring;
  bool disable_userns;          ///< COMMAND cannot create a user namespace
  bool assert_userns_disabled;  ///< fail if COMMAND could
};

struct ReportingOptions {
  const char* pid_file;
  const char* info_fd;
  const char* json_status_fd;
  bool verbose;
  bool quiet;
  bool report;

  /// Whether an option asks nsrun to report the container's pid.
  [[nodiscard]] bool tells_pid() const {
    return info_fd != nullptr || json_status_fd != nullptr || pid_file != nullptr;
  }
};

/// A parsed command line. Texts point into argv. Options that can be repeated, or whose order
/// matters, are not here: an OptionReader of `argv` finds them.
struct Options {
  const char* const* argv;
  const char* const* command;  ///< NULL-terminated; null if none was given
  WrongOption wrong;
  NamespaceOptions namespaces;
  IdentityOptions identity;
  FileOptions files;
  ProcessOptions process;
  RightsOptions rights;
  ReportingOptions reporting;
  unsigned char seal;     ///< NSEXEC_SEAL_*; 0: the stub's own order
  const char* supervise;  ///< a file like /etc/nsrun.conf
  bool help;
  bool version;
  bool caller_is_root;  ///< the caller's effective uid is 0; resolve_ids() sets it
  bool may_mount;       ///< COMMAND may have the capabilities to mount; main() sets it
  unsigned caller_uid;  ///< effective; resolve_ids() sets this and the next three
  unsigned caller_gid;
  /// The ids of the container's first process in the new user namespace: 0 if 0 is mapped.
  MappedId own_uid;
  MappedId own_gid;

  /// Zeroed as a whole: setting member by member takes half a KiB of code.
  Options() {
    __builtin_memset(static_cast<void*>(this), 0, sizeof *this);
    files.mask = caller_is_root = true;
  }

  /// The namespaces to create. An ordinary user needs a new user namespace to create the others.
  [[nodiscard]] unsigned namespaces_to_create() const {
    const unsigned wanted =
        (namespaces.create_given || namespaces.joins ? namespaces.create : sys::kAllNamespaces) &
        ~namespaces.shared;
    // A joined user namespace can own the others.
    if (namespaces.joins) return wanted;
    if (namespaces.userns != nullptr) return wanted & ~unsigned{CLONE_NEWUSER};
    return caller_is_root ? wanted : wanted | CLONE_NEWUSER;
  }
  /// Whether COMMAND is the first process of a pid namespace.
  [[nodiscard]] bool command_is_first_process() const {
    return creates(CLONE_NEWPID) && !process.init;
  }
  /// Whether COMMAND waits for host/ before it runs, when all namespaces exist.
  [[nodiscard]] bool announces() const {
    return reporting.tells_pid() || process.block_fd != nullptr || process.locks;
  }
  /// Whether the container gets new namespaces of all these types.
  [[nodiscard]] bool creates(unsigned flags) const {
    return (namespaces_to_create() & flags) == flags;
  }
  /// Whether the container goes without a cgroup namespace if it cannot have one
  /// (cgroup_namespaces.h). Not if the caller has asked for it by name.
  [[nodiscard]] bool may_lack_cgroup_namespace() const {
    return (!namespaces.create_given || namespaces.try_cgroup) && creates(CLONE_NEWCGROUP);
  }
  /// Whether the container has a root of its own.
  [[nodiscard]] bool has_root() const {
    return files.rootfs != nullptr || files.overlay_root || files.assembled;
  }
  /// Whether COMMAND gets a user and a mount namespace inside the ones in which its file system is
  /// built, so that it cannot undo these mounts (inner_namespaces.h).
  ///
  /// Two other cases need this too. If the user namespace does not map id 0, some file systems,
  /// such as devpts, cannot be mounted in it. And with --disable-userns, COMMAND could change the
  /// limits of its own user namespace, but not those of the outer one.
  [[nodiscard]] bool locks_mounts() const {
    if (!creates(CLONE_NEWUSER | CLONE_NEWNS)) return false;
    const bool mounts = has_root() || files.mounts || creates(CLONE_NEWPID);
    return rights.disable_userns || ((may_mount || lacks_root()) && mounts);
  }
  /// Whether the new user namespace does not map user id 0 or does not map group id 0.
  [[nodiscard]] bool lacks_root() const {
    return creates(CLONE_NEWUSER) && (own_uid.inside != 0 || own_gid.inside != 0);
  }
  /// Whether the caller's own user namespace is the outer one, which only works for root. Then
  /// nsrun need not create one, nsrun outside may write the inner one's maps, and no process must
  /// be dumpable for that. Not if COMMAND's root is the caller and may change the limit of cgroup
  /// namespaces, which is then a limit of the inner user namespace (cgroup_namespaces.h).
  [[nodiscard]] bool needs_no_outer() const {
    return locks_mounts() && caller_is_root && !rights.disable_userns &&
           (files.mask || !has_root() || !maps_all());
  }
  /// Whether nsrun creates an outer user namespace, with COMMAND's user namespace inside it.
  [[nodiscard]] bool has_outer() const { return locks_mounts() && !needs_no_outer(); }
  /// The namespaces that the container's first process creates by itself, while its file system is
  /// built. These are the ones that the inner user namespace owns. Without an inner one it is the
  /// network namespace, which takes the kernel longest.
  [[nodiscard]] unsigned later_namespaces() const {
    constexpr unsigned kOwnedByInner = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    if (locks_mounts()) return namespaces_to_create() & kOwnedByInner;
    return has_root() && creates(CLONE_NEWNET | CLONE_NEWNS) ? CLONE_NEWNET : 0;
  }
  /// For root: whether the new user namespace maps each id to itself.
  [[nodiscard]] bool maps_all() const {
    return identity.uid_map == nullptr && identity.gid_map == nullptr && maps_rest();
  }
  /// Whether the map that --uid-map or --gid-map does not give maps each id to itself.
  [[nodiscard]] bool maps_rest() const {
    return !identity.map_root_user && !identity.map_auto && !identity.keep_id &&
           identity.uid == nullptr && identity.gid == nullptr;
  }
};

/// Parses the command line. Checks all that can be checked without asking the kernel.
Options parse_options(const char* const* argv);

}  // namespace nsrun
