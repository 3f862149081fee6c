// The command line.
#pragma once

#include "syscalls/namespaces.h"
#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/command_line/values.h"
#include "tools/nsrun/common/exit_status.h"

namespace nsrun {

/// What is wrong with a command line: the option, its value, why. Null: nothing.
struct WrongOption {
  const char* option;
  const char* value;
  const char* reason;
};

struct NamespaceOptions {
  unsigned create;    ///< CLONE_NEW*: namespaces to create
  unsigned shared;    ///< those not to create, --share-…
  bool create_given;  ///< --ns or --unshare-… was there
  bool joins;         ///< --join or --target was there
  unsigned typed;     ///< CLONE_NEW*: by a letter; to join with --target, else to create
  bool has_target;    ///< --target was there
  bool join_cgroup;   ///< of the process that is joined
  bool join_environment;
  bool join_root;
  bool join_directory;
  const char* userns;            ///< an fd of the user namespace to join
  bool try_user;                 ///< a user namespace, if there are any
  bool try_cgroup;               ///< the cgroup namespace may be missing
  const char* monotonic_offset;  ///< seconds
  const char* boottime_offset;

  /// Whether something of the one process that is joined is wanted.
  [[nodiscard]] bool wants_process() const {
    return join_cgroup || join_environment || join_root || join_directory;
  }
  /// Whether a namespace is joined, a user namespace alone included.
  [[nodiscard]] bool joins_any() const { return joins || userns != nullptr; }
};

struct IdentityOptions {
  const char* uid_map;  ///< INSIDE:OUTSIDE:COUNT,…
  const char* gid_map;
  bool map_root_user;
  bool map_auto;
  bool keep_id;      ///< the caller is himself inside
  const char* uid;   ///< what the caller is inside
  const char* gid;   ///< the same
  const char* user;  ///< UID[:GID[,GROUP]...]
};

/// An id inside of the new user namespace, and what it is outside.
struct MappedId {
  unsigned inside = 0;
  unsigned outside = 0;
};

struct FileOptions {
  bool mounts;  ///< an option that mounts something was there
  const char* rootfs;
  bool overlay_root;  ///< --overlay … /
  /// The mounts make the root up: one of them is on /, or they are on an empty root.
  bool assembled;
  const char* chdir;
  bool read_only;
  bool mask;
  bool slave;      ///< --propagation slave
  bool given;      ///< an option that names a descriptor was there (given.h)
  bool id_mapped;  ///< --bind-idmap or --ro-bind-idmap was there
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
  bool tty_may_lack;  ///< --tty by itself, main() has found it useful: where it can be had
  bool new_session;
  const char* argv0;    ///< what COMMAND sees as its name
  const char* sync_fd;  ///< fds
  const char* block_fd;
  bool locks;  ///< --lock-file was there
  bool init;
  const char* grace_seconds;

  /// Nanoseconds.
  [[nodiscard]] int64_t grace() const {
    constexpr int64_t kSecond = 1'000'000'000;
    if (grace_seconds == nullptr) return kSecond;
    return sys::parse_decimal(grace_seconds, kMostGrace).value * kSecond;
  }
  static constexpr int64_t kMostGrace = 86400;
};

/// What COMMAND may do, and what it keeps of the caller's.
struct RightsOptions {
  bool new_privs;
  const char* seccomp;  ///< an fd; the last one, where there are several
  bool landlock;        ///< --landlock-ro or --landlock-rw was there
  bool keep_fds;
  bool keep_keyring;
  bool disable_userns;          ///< COMMAND can make no user namespace
  bool assert_userns_disabled;  ///< nsrun fails where it can
};

struct ReportingOptions {
  const char* pid_file;
  const char* info_fd;
  const char* json_status_fd;
  bool verbose;
  bool quiet;
  bool report;

  /// Whether somebody is told the container's pid.
  [[nodiscard]] bool tells_pid() const {
    return info_fd != nullptr || json_status_fd != nullptr || pid_file != nullptr;
  }
};

/// A parsed command line. Texts point into argv. Options of which there can be many, or whose order
/// counts, are not here: an OptionReader of `argv` finds them.
struct Options {
  const char* const* argv;
  const char* const* command;  ///< NULL-terminated; null: none given
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
  bool may_mount;       ///< COMMAND has the capabilities for it; main() sets it
  unsigned caller_uid;  ///< effective; resolve_ids() sets these four
  unsigned caller_gid;
  /// Of the container's first process in the new user namespace: 0 where that is mapped.
  MappedId own_uid;
  MappedId own_gid;

  /// Zeroed as a whole: member by member it is half a KiB of code.
  Options() {
    __builtin_memset(static_cast<void*>(this), 0, sizeof *this);
    files.mask = caller_is_root = true;
  }

  /// The namespaces to create. An ordinary user can create the others only inside a user namespace.
  [[nodiscard]] unsigned namespaces_to_create() const {
    const unsigned wanted =
        (namespaces.create_given || namespaces.joins ? namespaces.create : sys::kAllNamespaces) &
        ~namespaces.shared;
    // What is joined can own the others.
    if (namespaces.joins) return wanted;
    if (namespaces.userns != nullptr) return wanted & ~unsigned{CLONE_NEWUSER};
    return wanted != 0 && !caller_is_root ? wanted | CLONE_NEWUSER : wanted;
  }
  /// Whether COMMAND is the first process of a pid namespace.
  [[nodiscard]] bool command_is_first_process() const {
    return creates(CLONE_NEWPID) && !process.init;
  }
  /// Whether COMMAND waits until the host's side lets it go on, with all namespaces there.
  [[nodiscard]] bool announces() const {
    return reporting.tells_pid() || process.block_fd != nullptr || process.locks;
  }
  /// Whether all of `flags` are to be created.
  [[nodiscard]] bool creates(unsigned flags) const {
    return (namespaces_to_create() & flags) == flags;
  }
  /// Whether the container does without a cgroup namespace where it may have none
  /// (cgroup_namespaces.h): the caller has not asked for it by name.
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
  /// Also where the user namespace does not map id 0: a devpts, for one, can only be mounted where
  /// it is mapped. And where COMMAND is to make no user namespace: it may change its own one's
  /// limits, but not those of the outer one.
  [[nodiscard]] bool locks_mounts() const {
    if (!creates(CLONE_NEWUSER | CLONE_NEWNS)) return false;
    const bool mounts = has_root() || files.mounts || creates(CLONE_NEWPID);
    return rights.disable_userns || ((may_mount || lacks_root()) && mounts);
  }
  /// Whether id 0, of users or of groups, is not mapped in the new user namespace.
  [[nodiscard]] bool lacks_root() const {
    return creates(CLONE_NEWUSER) && (own_uid.inside != 0 || own_gid.inside != 0);
  }
  /// Whether the outer user namespace is the caller's own, for root: it need not be made, nsrun
  /// outside may write the maps of the inner one, and no process ever needs to be dumpable for
  /// that. Not where COMMAND's root is the caller and may change the limit of cgroup namespaces,
  /// which is then the inner user namespace's (cgroup_namespaces.h).
  [[nodiscard]] bool needs_no_outer() const {
    return locks_mounts() && caller_is_root && !rights.disable_userns &&
           (files.mask || !has_root() || !maps_all());
  }
  /// Whether COMMAND's user namespace is inside another one that nsrun makes.
  [[nodiscard]] bool has_outer() const { return locks_mounts() && !needs_no_outer(); }
  /// The namespaces that the container's first process creates by itself, while its file system is
  /// built: those that belong to the inner user namespace, or else the network namespace, which
  /// takes the kernel longest.
  [[nodiscard]] unsigned later_namespaces() const {
    constexpr unsigned kOwnedByInner = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    if (locks_mounts()) return namespaces_to_create() & kOwnedByInner;
    return has_root() && creates(CLONE_NEWNET | CLONE_NEWNS) ? CLONE_NEWNET : 0;
  }
  /// Whether, for root, the new user namespace has all ids as they are.
  [[nodiscard]] bool maps_all() const {
    return identity.uid_map == nullptr && identity.gid_map == nullptr && maps_rest();
  }
  /// The same for the map that --uid-map or --gid-map does not give.
  [[nodiscard]] bool maps_rest() const {
    return !identity.map_root_user && !identity.map_auto && !identity.keep_id &&
           identity.uid == nullptr && identity.gid == nullptr;
  }
};

/// Reads the command line. Checks what can be checked without asking the kernel.
Options parse_options(const char* const* argv);

}  // namespace nsrun
