// The table of options. The parser, --help and the shell completions all come from it.
//
// To add an option, add an entry: its names, the names of its values, a line of help and the
// handler. If the handler sets a member of Options, the entry also says which one. An option that
// can be repeated, or whose order matters, also has an OptionId, by which an OptionReader finds it
// later.
//
// Only the compiler uses the table. From it the compiler builds the character arrays that the
// program needs at run time. A table of pointers would have to be relocated (docs/source.md).
#pragma once

#include <stddef.h>

#include "tools/nsrun/command_line/parser.h"

namespace nsrun {

/// A member of Options, as an offset, because a pointer to a member cannot reach a member of a
/// member.
struct Place {
  size_t offset = 0;
  size_t size = 0;
};
#define NSRUN_PLACE(member) \
  { offsetof(Options, member), sizeof Options::member }

struct OptionEntry {
  const char* names = nullptr;  ///< "--tty", or several: "-h, --help". Null: `help` is a heading.
  const char* values = "";      ///< a word for each value: "SRC DEST"
  const char* help = "";        ///< as long as it fits on the line; "\n" starts another line
  void (*take)(Parser& parser) = nullptr;
  Place place = {};  ///< the member that set_flag() and similar handlers set
  OptionId id = OptionId::kSetting;
  bool hidden = false;  ///< neither in --help nor in the completions
  /// CLONE_NEW*: the namespaces that must be new ones. CLONE_NEWNS marks an option that mounts.
  unsigned wants = 0;
  const char* words = "";  ///< the possible values, for completions: "auto none"
};

// Handlers that several entries share.
inline void take_note(Parser& /*parser*/) {}
inline void set_flag(Parser& parser) { parser.place<bool>() = true; }
inline void clear_flag(Parser& parser) { parser.place<bool>() = false; }
inline void take_text(Parser& parser) { parser.place<const char*>() = parser.option().value; }
inline void take_path(Parser& parser) { parser.take_path(parser.place<const char*>()); }
inline void take_descriptor(Parser& parser) { parser.take_descriptor(parser.place<const char*>()); }
inline void take_id(Parser& parser) { parser.take_id(parser.place<const char*>()); }
inline void take_id_map(Parser& parser) { parser.take_id_map(parser.place<const char*>()); }
inline void take_tree(Parser& parser) { parser.take_tree(parser.option().second); }
inline void take_given(Parser& parser) { parser.take_given(); }
inline void take_id_mapped_bind(Parser& parser) { parser.take_id_mapped_bind(); }
inline void take_landlock(Parser& parser) { parser.take_landlock(); }
inline void check_mount_point(Parser& parser) { parser.check_mount_point(parser.option().value); }
inline void check_destination(Parser& parser) { parser.check_destination(parser.option().value); }
inline void check_variable_name(Parser& parser) { parser.check_variable_name(); }
inline void check_capability(Parser& parser) { parser.check_capability(); }

constexpr OptionEntry heading(const char* text) { return {.help = text}; }

inline constexpr char kTypes[] = "cgroup ipc mnt net pid time user uts";

// "TYPE" at the end of a name stands for each type of namespace: Option::ns_flag says which it is.
inline constexpr OptionEntry kOptions[] = {
    heading("Namespaces (cgroup, ipc, mnt, net, pid, time, user, uts):"),
    {.names = "--ns",
     .values = "LIST",
     .help = "create these; or all, none (default: all; with --join: none; for others\n"
             "than root always user)",
     .take = [](Parser& parser) { parser.take_namespaces(); },
     .words = "all none cgroup ipc mnt net pid time user uts"},
    {.names = "--unshare-TYPE",
     .help = "create that one",
     .take = [](Parser& parser) { parser.create(parser.option().ns_flag); }},
    {.names = "--unshare-user-try",
     .help = "create a user namespace if possible",
     .take =
         [](Parser& parser) {
           parser.options().namespaces.try_user = true;
           parser.create(0);
         }},
    {.names = "--unshare-cgroup-try",
     .help = "create a cgroup namespace if possible",
     .take =
         [](Parser& parser) {
           parser.options().namespaces.try_cgroup = true;
           parser.create(CLONE_NEWCGROUP);
         }},
    {.names = "--unshare-all",
     .help = "create all of them",
     .take = [](Parser& parser) { parser.create(sys::kAllNamespaces); }},
    {.names = "--share-TYPE",
     .help = "do not create that one",
     .take = [](Parser& parser) { parser.options().namespaces.shared |= parser.option().ns_flag; }},
    {.names = "--join",
     .values = "PID|TYPE:PATH,..",
     .help = "join the namespaces of a process, or those at the paths; COMMAND\n"
             "gets no more capabilities than that process can have",
     .take = set_flag,
     .place = NSRUN_PLACE(namespaces.joins),
     .id = OptionId::kJoin},
    {.names = "--userns",
     .values = "FD",
     .help = "join that user namespace instead of creating one",
     .take = take_descriptor,
     .place = NSRUN_PLACE(namespaces.userns)},
    {.names = "-t, --target",
     .values = "PID",
     .help = "join the types that -m -u -i -n -p -U -C -T name, or all, with -a",
     .take =
         [](Parser& parser) {
           parser.options().namespaces.joins = parser.options().namespaces.has_target = true;
           parser.check_pid();
         },
     .id = OptionId::kJoin},
    {.names = "-m, -u, -i, -n, -p, -U, -C, -T",
     .help = "mnt, uts, ipc, net, pid, user, cgroup, time: with --target to be joined,\n"
             "without to be created",
     .take = [](Parser& parser) { parser.take_letter(); }},
    {.names = "-a",
     .help = "with --target: all of them",
     .take = [](Parser& parser) { parser.options().namespaces.typed = sys::kAllNamespaces; }},
    {.names = "--join-cgroup",
     .help = "start in the control groups of the joined process",
     .take = set_flag,
     .place = NSRUN_PLACE(namespaces.join_cgroup)},
    {.names = "--join-env",
     .help = "use its environment",
     .take = set_flag,
     .place = NSRUN_PLACE(namespaces.join_environment)},
    {.names = "--join-root",
     .help = "use its root",
     .take = set_flag,
     .place = NSRUN_PLACE(namespaces.join_root)},
    {.names = "--join-wd",
     .help = "start in its working directory",
     .take = set_flag,
     .place = NSRUN_PLACE(namespaces.join_directory)},
    {.names = "-f, --fork",
     .help = "accepted, as unshare has it: COMMAND is a process of its own anyway",
     .take = take_note,
     .hidden = true},
    {.names = "--mount-proc",
     .help = "accepted, as unshare has it: a new pid namespace has its own /proc anyway",
     .take = [](Parser& parser) { parser.create(CLONE_NEWNS); },
     .hidden = true},
    {.names = "--time-offset",
     .values = "CLOCK:SECONDS",
     .help = "CLOCK: monotonic or boottime",
     .take = [](Parser& parser) { parser.take_time_offset(); },
     .wants = CLONE_NEWTIME,
     .words = "monotonic: boottime:"},

    heading("Identity (default: root keeps all ids, others are mapped to 0):"),
    {.names = "-r, --map-root-user",
     .help = "map the caller to 0 and nobody else",
     .take = [](Parser& parser) { parser.keep_id(false); },
     .wants = CLONE_NEWUSER},
    {.names = "-c, --keep-id, --map-current-user",
     .help = "map the caller to himself and nobody else",
     .take = [](Parser& parser) { parser.keep_id(true); },
     .wants = CLONE_NEWUSER},
    {.names = "--uid",
     .values = "N",
     .help = "the same, to N",
     .take = take_id,
     .place = NSRUN_PLACE(identity.uid),
     .wants = CLONE_NEWUSER},
    {.names = "--gid",
     .values = "N",
     .help = "the same for the group",
     .take = take_id,
     .place = NSRUN_PLACE(identity.gid),
     .wants = CLONE_NEWUSER},
    {.names = "--map-auto",
     .help = "map the caller to 0, and ids from 1 on to /etc/subuid, /etc/subgid",
     .take = set_flag,
     .place = NSRUN_PLACE(identity.map_auto),
     .wants = CLONE_NEWUSER},
    {.names = "--uid-map",
     .values = "IN:OUT:N,...",
     .help = "map these user ids",
     .take = take_id_map,
     .place = NSRUN_PLACE(identity.uid_map),
     .wants = CLONE_NEWUSER},
    {.names = "--gid-map",
     .values = "IN:OUT:N,...",
     .help = "map these group ids",
     .take = take_id_map,
     .place = NSRUN_PLACE(identity.gid_map),
     .wants = CLONE_NEWUSER},
    {.names = "--user",
     .values = "UID[:GID[,GROUP]...]",
     .help = "run COMMAND as these ids (GID: as UID)",
     .take = [](Parser& parser) { parser.take_user(); }},

    heading("File systems (in the order given; DEST is inside of the root and made if it is "
            "missing):"),
    {.names = "--empty-root",
     .help = "the root is an empty file system in memory, as bwrap's",
     .take = [](Parser& parser) { parser.ask_for_root(RootHints::kEmpty); },
     .wants = CLONE_NEWNS},
    {.names = "--host-root",
     .help = "the root is the host's, whatever is mounted in it",
     .take = [](Parser& parser) { parser.ask_for_root(RootHints::kHost); }},
    {.names = "--rootfs, --root",
     .values = "DIR",
     .help = "the root; it gets /proc, /dev and /tmp of its own",
     .take = take_path,
     .place = NSRUN_PLACE(files.rootfs),
     .wants = CLONE_NEWNS},
    {.names = "--overlay",
     .values = "LOWER[:LOWER]...[,UPPER,WORK] DEST",
     .help = "layers; without UPPER, writes are lost; DEST may be /",
     .take = [](Parser& parser) { parser.take_overlay(); },
     .id = OptionId::kOverlay,
     .wants = CLONE_NEWNS},
    {.names = "--overlay-src",
     .values = "SRC",
     .help = "a layer for the next --overlay RWSRC WORKDIR DEST (the last one is on top)",
     .take = take_note,
     .id = OptionId::kOverlaySrc},
    {.names = "--tmp-overlay",
     .values = "DEST",
     .help = "the layers of --overlay-src; writes are lost",
     .take = [](Parser& parser) { parser.take_overlay_of_sources(parser.option().value, 1); },
     .id = OptionId::kTmpOverlay,
     .wants = CLONE_NEWNS},
    {.names = "--ro-overlay",
     .values = "DEST",
     .help = "the same, read-only",
     .take = [](Parser& parser) { parser.take_overlay_of_sources(parser.option().value, 2); },
     .id = OptionId::kRoOverlay,
     .wants = CLONE_NEWNS},
    {.names = "--bind",
     .values = "SRC DEST",
     .help = "a directory or file of the host's; DEST / is the root",
     .take = take_tree,
     .id = OptionId::kBind,
     .wants = CLONE_NEWNS},
    {.names = "--ro-bind",
     .values = "SRC DEST",
     .help = "the same, read-only",
     .take = take_tree,
     .id = OptionId::kRoBind,
     .wants = CLONE_NEWNS},
    {.names = "--dev-bind",
     .values = "SRC DEST",
     .help = "the same as --bind, and devices work",
     .take = take_tree,
     .id = OptionId::kDevBind,
     .wants = CLONE_NEWNS},
    {.names = "--bind-try",
     .values = "SRC DEST",
     .help = "--bind if there is such a SRC",
     .take = take_tree,
     .id = OptionId::kBindTry,
     .wants = CLONE_NEWNS},
    {.names = "--ro-bind-try",
     .values = "SRC DEST",
     .help = "--ro-bind if there is such a SRC",
     .take = take_tree,
     .id = OptionId::kRoBindTry,
     .wants = CLONE_NEWNS},
    {.names = "--dev-bind-try",
     .values = "SRC DEST",
     .help = "--dev-bind if there is such a SRC",
     .take = take_tree,
     .id = OptionId::kDevBindTry,
     .wants = CLONE_NEWNS},
    {.names = "--size",
     .values = "BYTES",
     .help = "of the --tmpfs that follows (default: a quarter of the memory)",
     .take = [](Parser& parser) { parser.take_size(); },
     .id = OptionId::kSize},
    {.names = "--perms",
     .values = "OCTAL",
     .help = "the mode of what the next option makes",
     .take = [](Parser& parser) { parser.take_perms(); },
     .id = OptionId::kPerms},
    {.names = "--tmpfs",
     .values = "DEST",
     .help = "an empty file system in memory; DEST / is the root",
     .take = [](Parser& parser) { parser.take_mount_point(parser.option().value); },
     .id = OptionId::kTmpfs,
     .wants = CLONE_NEWNS},
    {.names = "--proc",
     .values = "DEST",
     .help = "a procfs",
     .take = check_mount_point,
     .id = OptionId::kProc,
     .wants = CLONE_NEWNS},
    {.names = "--dev",
     .values = "DEST",
     .help = "a small /dev",
     .take = check_mount_point,
     .id = OptionId::kDev,
     .wants = CLONE_NEWNS},
    {.names = "--mqueue",
     .values = "DEST",
     .help = "POSIX message queues",
     .take = check_mount_point,
     .id = OptionId::kMqueue,
     .wants = CLONE_NEWNS},
    {.names = "--dir",
     .values = "DEST",
     .help = "a directory",
     .take = check_destination,
     .id = OptionId::kDir,
     .wants = CLONE_NEWNS},
    {.names = "--symlink",
     .values = "TARGET DEST",
     .help = "a symbolic link",
     .take = [](Parser& parser) { parser.take_symlink(); },
     .id = OptionId::kSymlink,
     .wants = CLONE_NEWNS},
    {.names = "--file",
     .values = "FD DEST",
     .help = "a copy of what a descriptor gives",
     .take = take_given,
     .id = OptionId::kFile,
     .wants = CLONE_NEWNS},
    {.names = "--bind-data",
     .values = "FD DEST",
     .help = "the same as a file in memory, mounted on DEST",
     .take = take_given,
     .id = OptionId::kBindData,
     .wants = CLONE_NEWNS},
    {.names = "--ro-bind-data",
     .values = "FD DEST",
     .help = "the same, read-only",
     .take = take_given,
     .id = OptionId::kRoBindData,
     .wants = CLONE_NEWNS},
    {.names = "--bind-fd",
     .values = "FD DEST",
     .help = "the directory or file of a descriptor",
     .take = take_given,
     .id = OptionId::kBindFd,
     .wants = CLONE_NEWNS},
    {.names = "--ro-bind-fd",
     .values = "FD DEST",
     .help = "the same, read-only",
     .take = take_given,
     .id = OptionId::kRoBindFd,
     .wants = CLONE_NEWNS},
    {.names = "--bind-idmap",
     .values = "SRC DEST",
     .help = "--bind, but with the owners mapped as in the container:\n"
             "0 on the disk is 0 inside",
     .take = take_id_mapped_bind,
     .id = OptionId::kBindIdmap,
     .wants = CLONE_NEWNS},
    {.names = "--ro-bind-idmap",
     .values = "SRC DEST",
     .help = "the same, read-only",
     .take = take_id_mapped_bind,
     .id = OptionId::kRoBindIdmap,
     .wants = CLONE_NEWNS},
    {.names = "--chmod",
     .values = "OCTAL PATH",
     .help = "change the mode of PATH",
     .take = [](Parser& parser) { parser.check_chmod(); },
     .id = OptionId::kChmod,
     .wants = CLONE_NEWNS},
    {.names = "--remount-ro",
     .values = "DEST",
     .help = "make the mount there read-only, but not those below it",
     .take = check_destination,
     .id = OptionId::kRemountRo,
     .wants = CLONE_NEWNS},
    {.names = "--propagation",
     .values = "private|slave",
     .help = "slave: what the host mounts below a bind later appears inside",
     .take = [](Parser& parser) { parser.take_propagation(); },
     .wants = CLONE_NEWNS,
     .words = "private slave"},
    {.names = "--resolv-conf",
     .help = "the host's /etc/resolv.conf, read-only",
     .take = set_flag,
     .place = NSRUN_PLACE(files.resolv_conf),
     .id = OptionId::kResolvConf,
     .wants = CLONE_NEWNS},
    {.names = "--bind-proc",
     .help = "/proc is the outer one, read-only, with the processes outside",
     .take = set_flag,
     .place = NSRUN_PLACE(files.bind_proc),
     .wants = CLONE_NEWUSER | CLONE_NEWNS},
    {.names = "--chdir",
     .values = "DIR",
     .help = "where COMMAND starts (default: / with a root, else here)",
     .take = take_path,
     .place = NSRUN_PLACE(files.chdir)},
    {.names = "--read-only",
     .help = "make the root read-only",
     .take = set_flag,
     .place = NSRUN_PLACE(files.read_only)},
    {.names = "--no-mask",
     .help = "leave /proc as it is (default: parts are hidden or read-only, as in OCI)",
     .take = clear_flag,
     .place = NSRUN_PLACE(files.mask)},

    heading("Process:"),
    {.names = "--env",
     .values = "NAME=VALUE",
     .help = "set a variable",
     .take = [](Parser& parser) { parser.check_assignment(); },
     .id = OptionId::kEnv},
    {.names = "--setenv",
     .values = "NAME VALUE",
     .help = "the same",
     .take = check_variable_name,
     .id = OptionId::kSetEnv},
    {.names = "--unset-env, --unsetenv",
     .values = "NAME",
     .help = "remove a variable",
     .take = check_variable_name,
     .id = OptionId::kUnsetEnv},
    {.names = "--clear-env, --clearenv",
     .help = "remove all variables",
     .take = take_note,
     .id = OptionId::kClearEnv},
    {.names = "--hostname",
     .values = "NAME",
     .help = "host name",
     .take = take_text,
     .place = NSRUN_PLACE(process.hostname)},
    {.names = "--domainname",
     .values = "NAME",
     .help = "NIS domain name",
     .take = take_text,
     .place = NSRUN_PLACE(process.domainname)},
    {.names = "--rlimit",
     .values = "NAME=SOFT[:HARD]",
     .help = "NAME: nofile, ...; a number or unlimited",
     .take = [](Parser& parser) { parser.check_resource_limit(); },
     .id = OptionId::kRlimit,
     .words = "as= core= cpu= data= fsize= locks= memlock= msgqueue= nice= nofile= nproc= rss= "
              "rtprio= rttime= sigpending= stack="},
    {.names = "--cap-drop",
     .values = "CAP|all",
     .help = "give a capability up (in the order given; default: see nsrun(1))",
     .take = check_capability,
     .id = OptionId::kCapDrop},
    {.names = "--cap-add",
     .values = "CAP|all",
     .help = "keep a capability",
     .take = check_capability,
     .id = OptionId::kCapAdd},
    {.names = "--disable-userns",
     .help = "COMMAND cannot make a user namespace",
     .take = set_flag,
     .place = NSRUN_PLACE(rights.disable_userns),
     .wants = CLONE_NEWUSER},
    {.names = "--assert-userns-disabled",
     .help = "fail if COMMAND can",
     .take = set_flag,
     .place = NSRUN_PLACE(rights.assert_userns_disabled)},
    {.names = "--no-new-privs",
     .help = "set-user-ID programs do not work (default)",
     .take = clear_flag,
     .place = NSRUN_PLACE(rights.new_privs)},
    {.names = "--new-privs",
     .help = "they work",
     .take = set_flag,
     .place = NSRUN_PLACE(rights.new_privs)},
    {.names = "--seccomp, --add-seccomp-fd",
     .values = "FD",
     .help = "a filter, as struct sock_filter; all that are given, in their order",
     .take = take_descriptor,
     .place = NSRUN_PLACE(rights.seccomp),
     .id = OptionId::kSeccomp},
    {.names = "--landlock-ro",
     .values = "PATH",
     .help = "may read and execute below PATH; every other file is refused",
     .take = take_landlock,
     .id = OptionId::kLandlockRo},
    {.names = "--landlock-rw",
     .values = "PATH",
     .help = "the same, and may write there",
     .take = take_landlock,
     .id = OptionId::kLandlockRw},
    {.names = "--keep-fds",
     .help = "leave descriptors from 3 on open (default: closed with a root of its own)",
     .take = set_flag,
     .place = NSRUN_PLACE(rights.keep_fds)},
    {.names = "--keep-keyring",
     .help = "keep the caller's session keyring (default: a new one)",
     .take = set_flag,
     .place = NSRUN_PLACE(rights.keep_keyring)},
    {.names = "--oom-score-adj",
     .values = "N",
     .help = "from -1000 to 1000; a higher one is killed first",
     .take =
         [](Parser& parser) {
           parser.take_number(parser.options().process.oom_score_adj, -1000, 1000,
                              "not a number from -1000 to 1000");
         }},
    {.names = "--nice",
     .values = "N",
     .help = "from -20 to 19; a higher one gets less processor time",
     .take =
         [](Parser& parser) {
           parser.take_number(parser.options().process.nice, -20, 19,
                              "not a number from -20 to 19");
         }},
    {.names = "--die-with-parent, --kill-child",
     .help = "kill COMMAND when nsrun or its caller dies",
     .take = set_flag,
     .place = NSRUN_PLACE(process.die_with_parent)},
    {.names = "--new-session",
     .help = "no terminal of its own for an interactive shell",
     .take = set_flag,
     .place = NSRUN_PLACE(process.new_session)},
    {.names = "--tty",
     .help = "give COMMAND a terminal of its own (default for a shell in a terminal)",
     .take = set_flag,
     .place = NSRUN_PLACE(process.tty)},
    {.names = "--init",
     .help = "a first process that reaps and forwards signals",
     .take = set_flag,
     .place = NSRUN_PLACE(process.init)},

    {.names = "--grace",
     .values = "SECONDS",
     .help = "with --init: between SIGTERM and SIGKILL for what COMMAND leaves behind\n"
             "(default: 1; 0: SIGKILL at once)",
     .take =
         [](Parser& parser) {
           parser.take_number(parser.options().process.grace_seconds, 0, ProcessOptions::kMostGrace,
                              "not a number of seconds up to 86400");
         }},

    {.names = "--argv0",
     .values = "NAME",
     .help = "what COMMAND sees as its name",
     .take = take_text,
     .place = NSRUN_PLACE(process.argv0)},
    {.names = "--args",
     .values = "FD",
     .help = "more options, each with a NUL after it",
     .take = [](Parser& parser) { parser.check_descriptor(); },
     .id = OptionId::kArgs},
    {.names = "--block-fd",
     .values = "FD",
     .help = "run COMMAND when it is readable",
     .take = take_descriptor,
     .place = NSRUN_PLACE(process.block_fd)},
    {.names = "--sync-fd",
     .values = "FD",
     .help = "keep it open while the container runs, but not in COMMAND",
     .take = take_descriptor,
     .place = NSRUN_PLACE(process.sync_fd)},
    {.names = "--lock-file",
     .values = "DEST",
     .help = "hold a read lock on a file of the container's while it runs",
     .take =
         [](Parser& parser) {
           parser.options().process.locks = true;
           parser.check_destination(parser.option().value);
         },
     .id = OptionId::kLockFile},
    {.names = "--as-pid-1, --level-prefix",
     .help = "accepted, as bwrap has them: COMMAND is pid 1 anyway",
     .take = take_note,
     .hidden = true},

    heading("Resources:"),
    {.names = "--cgroup",
     .values = "PATH",
     .help = "start in it; made if missing; below the cgroup2 mount or absolute",
     .take = take_path,
     .place = NSRUN_PLACE(process.cgroup)},

    heading("Protection of nsrun's own binary from the container (CVE-2019-5736):"),
    {.names = "--seal",
     .values = "auto|HOW",
     .help = "HOW: detached-mount, child-mount, overlay, bind-mount, reflink, memfd,\n"
             "tmpfile; or none (default: auto, the first that works)",
     .take = [](Parser& parser) { parser.take_seal(); },
     .words = "auto detached-mount child-mount overlay bind-mount reflink memfd tmpfile none"},

    heading("Reporting:"),
    {.names = "--pid-file",
     .values = "FILE",
     .help = "write the pid to it",
     .take = take_path,
     .place = NSRUN_PLACE(reporting.pid_file)},
    {.names = "--info-fd",
     .values = "FD",
     .help = "write pid and namespaces to it as JSON",
     .take = take_descriptor,
     .place = NSRUN_PLACE(reporting.info_fd)},
    {.names = "--json-status-fd",
     .values = "FD",
     .help = "write these to it, and then COMMAND's exit status, a line of JSON each",
     .take = take_descriptor,
     .place = NSRUN_PLACE(reporting.json_status_fd)},
    {.names = "--verbose",
     .help = "show what the stages do, with times",
     .take = set_flag,
     .place = NSRUN_PLACE(reporting.verbose)},
    {.names = "--quiet",
     .help = "print only errors",
     .take = set_flag,
     .place = NSRUN_PLACE(reporting.quiet)},
    {.names = "--report",
     .help = "tell COMMAND in NSRUN_OUTSIDE, _SETUP_US, _SEALED how it was set up",
     .take = set_flag,
     .place = NSRUN_PLACE(reporting.report)},
    {.names = "--supervise",
     .values = "FILE",
     .help = "run the containers of a file like /etc/nsrun.conf",
     .take = take_path,
     .place = NSRUN_PLACE(supervise)},
    {.names = "-h, --help", .help = "print this", .take = set_flag, .place = NSRUN_PLACE(help)},
    {.names = "--version",
     .help = "print the version",
     .take = set_flag,
     .place = NSRUN_PLACE(version)},
};

inline constexpr size_t kOptionCount = sizeof kOptions / sizeof kOptions[0];

/// The number of an entry's handler: the index of the first entry with the same handler.
constexpr size_t handler_of(size_t entry) {
  size_t first = 0;
  while (kOptions[first].take != kOptions[entry].take) ++first;
  return first;
}

constexpr bool places_fit() {
  for (const OptionEntry& entry : kOptions) {
    const bool is_flag = entry.take == set_flag || entry.take == clear_flag;
    const bool is_text = entry.take == take_text || entry.take == take_path ||
                         entry.take == take_id || entry.take == take_descriptor ||
                         entry.take == take_id_map;
    const size_t size = is_flag ? sizeof(bool) : is_text ? sizeof(const char*) : 0;
    if (entry.place.size != size) return false;
  }
  return true;
}
static_assert(places_fit(), "a handler and what it is to fill in are not of one type");

}  // namespace nsrun
