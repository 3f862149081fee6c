#include "stub/environment.h"
#include "stub/procfs.h"
#include "syscalls/ids.h"
#include "syscalls/memory.h"
#include "syscalls/namespaces.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/inner_namespaces.h"
#include "tools/nsrun/container/isolation.h"
#include "tools/nsrun/container/process.h"
#include "tools/nsrun/container/rootfs.h"
#include "tools/nsrun/host/cgroup.h"
#include "tools/nsrun/host/terminal.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr char kDefaultPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// What the command sees of the environment: the caller's, changed as the options say, without the
// variables between nsrun's two sides and the stub.
class CommandEnvironment {
 public:
  CommandEnvironment(const stub::InitialStack& stack, const Options& options,
                     const Handover& handover, int64_t now) {
    size_t most = 1;
    for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) ++most;
    for (OptionReader reader(options.argv); reader.next();) ++most;
    check(memory_.map_private((most + 2) * sizeof(char*)), "mmap", "environment");
    entries_ = reinterpret_cast<const char**>(memory_.data());

    for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) {
      const Text text = Text::of(*entry);
      const bool ours = text.starts_with("_LIBCONTAINER_") || text.starts_with("NSRUN_START_US=") ||
                        text.starts_with("NSRUN_SIGNALS=") || text.starts_with("NSRUN_JOINED=") ||
                        text.starts_with("NSRUN_OUTSIDE=");
      if (!ours) entries_[count_++] = *entry;
    }
    for (OptionReader reader(options.argv); reader.next();) apply(reader.option());
    if (options.reporting.report) add_report(handover, now);
  }

  [[nodiscard]] const char* const* entries() const { return entries_; }
  /// The value; null where there is none.
  [[nodiscard]] const char* find(Text name) const {
    const size_t at = index(name);
    return at < count_ ? entries_[at] + name.size() + 1 : nullptr;
  }

 private:
  [[nodiscard]] size_t index(Text name) const {
    for (size_t i = 0; i < count_; ++i) {
      const Text text = Text::of(entries_[i]);
      if (text.starts_with(name) && text.from(name.size()).starts_with("=")) return i;
    }
    return count_;
  }
  void remove(Text name) {
    for (size_t at = index(name); at < count_; at = index(name)) {
      --count_;
      for (size_t i = at; i <= count_; ++i) entries_[i] = entries_[i + 1];
    }
  }
  void apply(const Option& option) {
    if (option.id == OptionId::kClearEnv) {
      count_ = 0;
    } else if (option.id == OptionId::kUnsetEnv) {
      remove(Text::of(option.value));
    } else if (option.id == OptionId::kEnv) {
      const Text entry = Text::of(option.value);
      remove(entry.first(entry.find('=')));
      entries_[count_++] = option.value;
    }
    entries_[count_] = nullptr;
  }
  void add_report(const Handover& handover, int64_t now) {
    setup_ << kSetupVariable << "=" << now / 1000 - handover.start;
    sealed_ << kSealedVariable << "=" << handover.seal.text();
    entries_[count_++] = handover.outside.c_str();
    entries_[count_++] = setup_.c_str();
    entries_[count_++] = sealed_.c_str();
    entries_[count_] = nullptr;
  }

  sys::FixedString<48> setup_;
  sys::FixedString<96> sealed_;
  sys::Mapping memory_;
  const char** entries_ = nullptr;
  size_t count_ = 0;
};

// What the parent tells, up to the end of the line.
void read_line(int fd, sys::StringBuilder& line) {
  unsigned char c = 0;
  for (;;) {
    const auto size = sys::read(fd, {&c, 1});
    if (!size || size.value() == 0 || c == '\n') return;
    const char character = static_cast<char>(c);
    line << Text(&character, 1);
  }
}

// execvp(3): a name without a slash is looked for in PATH. Not inlined, for the stack's sake: what
// is called before does not need the path.
[[gnu::noinline]] sys::Errno execute(const char* const* command, const char* path,
                                     const char* const* environment) {
  const char* name = command[0];
  if (*name == '\0' || Text::of(name).contains('/')) {
    return sys::execve(name, command, environment);
  }
  sys::Errno result{ENOENT};
  for (sys::Splitter directories(Text::of(path), ':'); directories.more();) {
    sys::Path file;
    file << directories.next() << "/" << name;
    const sys::Errno error = sys::execve(file.c_str(), command, environment);
    // What is there but cannot be executed is better news than what is not there.
    if (!(error == ENOENT) && !(error == ENOTDIR)) result = error;
  }
  return result;
}

// CVE-2024-21626: with a root of our own a path such as /proc/self/fd/7 must not lead out of it
// again. Nor may it in a mount namespace that was joined.
[[gnu::noinline]] void enter_directory(const Options& options) {
  check(sys::chdir(options.files.chdir), "--chdir", options.files.chdir);
  if (!options.has_root() && !options.namespaces.joins) return;
  char path[4096];
  path[0] = '\0';
  check(sys::getcwd({path, sizeof path}), "getcwd", options.files.chdir);
  if (path[0] != '/') fail("--chdir", options.files.chdir, "outside of the root");
}

}  // namespace

Handover::Handover(const stub::InitialStack& stack, const Options& options) {
  const stub::Environment own = stub::read_environment(stack);
  init_pipe = own.init_pipe;
  log_pipe = own.log_pipe;
  const char* cursor = stack.variable(kStartVariable);
  start = static_cast<int64_t>(sys::take_decimal(cursor, __INT64_MAX__ / 100).value);
  by_stages = !options.needs_no_outer();
  is_root = by_stages;
  outside << kOutsideVariable << "=" << stack.variable(kOutsideVariable);
  inherited.read(stack.variable(kSignalsVariable));
  joined.read(stack.variable(kJoinedVariable));
  check(sys::fcntl(init_pipe, F_SETFD, FD_CLOEXEC), "fcntl", "init pipe");
  if (options.reporting.report) read_line(init_pipe, seal);
}

bool Handover::needs_dumpable(const Options& options) const {
  return by_stages && options.namespaces.joins;
}

void Handover::announce(const Options& options) const {
  if (!options.reporting.tells_pid()) return;
  tell(options, Step::kAnnounce);
  for (char answer = 0; answer != kAnnounced[0];) {
    const auto size = sys::read(init_pipe, {reinterpret_cast<unsigned char*>(&answer), 1});
    if (check(size, "read", "init pipe") == 0) sys::exit(kExitOwnError);  // the parent said why
  }
}

void Handover::tell(const Options& options, Step step) const {
  // Of a container's own files none blocks that the caller has not asked for.
  const bool for_pid_file =
      step == Step::kAnnounce || step == Step::kExecute || step == Step::kNotExecuted;
  const bool waited_for =
      step == Step::kUserNamespace || (for_pid_file && options.reporting.tells_pid());
  if (!options.namespaces.joins && !waited_for) return;
  const char byte = static_cast<char>(step);
  const auto sent = sys::send_fully(init_pipe, {&byte, 1});
  // Of these two the answer is waited for. Of the others an error says that the parent has gone.
  if (step == Step::kUserNamespace || step == Step::kAnnounce) check(sent, "sendto", "init pipe");
}

void create_first_namespaces(const Options& options, Handover& handover) {
  if (handover.by_stages) {
    // The stub has made the others.
    if (options.may_lack_cgroup_namespace()) create_namespaces(options, CLONE_NEWCGROUP);
    return;
  }
  // The user namespace is there, or is made later.
  constexpr unsigned kNotHere = CLONE_NEWUSER | kBornIn;
  // The ids of what belongs to the other namespaces are read when they are made. With an inner user
  // namespace they are the mount and the cgroup namespace, which have none.
  const bool mapped = options.identity.uid_map != nullptr || options.identity.gid_map != nullptr;
  if (mapped && !options.locks_mounts()) handover.become_root();
  create_namespaces(options,
                    options.namespaces_to_create() & ~kNotHere & ~options.later_namespaces());
}

void create_namespaces(const Options& options, unsigned flags) {
  // By itself, for it may fail: an unshare(2) of a mount namespace and something else that fails
  // leaves, on many kernels, our root directory in the mount namespace that it has thrown away.
  if ((flags & CLONE_NEWCGROUP) != 0 && options.may_lack_cgroup_namespace()) {
    const auto made = sys::unshare(CLONE_NEWCGROUP);
    // ENOSPC: an nsrun further out has forbidden it (cgroup.h).
    if (!(made.error() == ENOSPC)) check(made, "unshare", "cgroup");
    flags &= ~unsigned{CLONE_NEWCGROUP};
  }
  if (flags == 0) return;
  sys::ShortString names;
  sys::append_names(names, flags);
  check(sys::unshare(flags), "unshare", names.c_str() + 1);
}

void Handover::become_root() {
  if (is_root) return;
  unsigned char word = 0;
  const size_t size = check(sys::read(init_pipe, {&word, 1}), "read", "init pipe");
  if (size == 0) sys::exit(kExitOwnError);  // the parent has failed and said why
  check(sys::setresuid(0, 0, 0), "setresuid", "0");
  check(sys::setgid(0), "setgid", "0");
  const auto set = sys::setgroups({});
  // Denied for good in the user namespace that nsrun itself is in (user_namespaces(7)).
  if (!(set.error() == EPERM)) check(set, "setgroups", "(none)");
  is_root = true;
}

namespace {

void protect_and_build(const Options& options) {
  if (forbids_cgroup_namespaces(options)) {
    const sys::Fd procfs = check(stub::open_procfs(), "open", "/proc");
    forbid_cgroup_namespaces(options, procfs.get());
  }
  build_file_system(options);
}

// The file system and the network namespace, each some half a millisecond of the kernel's, at the
// same time. Where there can be no second process, one is done after the other.
void build_and_unshare(const Options& options, Handover& handover) {
  const auto builder = fork_builder(options);
  if (!builder || builder.value() == 0) {
    handover.become_root();
    protect_and_build(options);
  }
  if (builder && builder.value() == 0) sys::exit(0);
  check(sys::unshare(options.later_namespaces()), "unshare", "net");
  if (!builder) return;
  wait_for_builder(builder.value());
  handover.become_root();
}

// Where COMMAND starts without a root of its own: at the same path as before, and not below what
// has been mounted over it.
class WorkingDirectory {
 public:
  WorkingDirectory() {
    // What could not be said is nothing: "" is not below our root.
    (void)sys::getcwd({path_, sizeof path_});
  }
  void enter_again() const {
    if (path_[0] != '/') return;  // not below our root: no path leads there
    const auto entered = sys::chdir(path_);
    // It was there before: a mount hides it.
    if (!entered) fail("enter the working directory", path_, entered.error());
  }

 private:
  char path_[4096] = {};
};

void build(const Options& options, Handover& handover);

// Not inlined, for the stack's sake.
[[gnu::noinline]] void build_around_working_directory(const Options& options, Handover& handover) {
  const WorkingDirectory directory;
  build(options, handover);
  directory.enter_again();
}

void make_file_system(const Options& options, Handover& handover) {
  if (options.has_root() || !options.creates(CLONE_NEWNS)) return build(options, handover);
  build_around_working_directory(options, handover);
}

void build(const Options& options, Handover& handover) {
  if (options.locks_mounts()) return enter_inner_namespaces(options, handover);
  if (options.later_namespaces() != 0) {
    build_and_unshare(options, handover);
  } else {
    handover.become_root();
    if (options.creates(CLONE_NEWNS)) protect_and_build(options);
  }
  leave_old_root(options);
}

}  // namespace

void run_container(const stub::InitialStack& stack, const Options& options, Handover& handover) {
  const int64_t now = sys::nanoseconds(CLOCK_REALTIME);
  if (handover.log_pipe >= 0) (void)sys::close(handover.log_pipe);

  const CommandEnvironment environment(stack, options, handover, now);
  const SeccompFilter filter(options);
  if ((options.has_root() || options.namespaces.joins) && !options.rights.keep_fds) {
    close_descriptors(handover.init_pipe);
  }
  handover.tell(options, Step::kFileSystem);
  make_file_system(options, handover);
  if (options.has_root()) take_null_from_container();
  handover.announce(options);
  set_limits_and_names(options);
  if (options.files.chdir != nullptr) {
    handover.tell(options, Step::kDirectory);
    enter_directory(options);
  }
  if (options.process.tty) {
    UserIds ids;
    if (options.identity.user != nullptr) (void)parse_user(options.identity.user, ids);
    handover.tell(options, Step::kTerminal);
    take_terminal(handover.init_pipe, ids.uid, handover.joined.mounts);
    if (!options.process.init) control_terminal();
  }
  if (!options.rights.keep_keyring) leave_session_keyring();
  // A filter may be installed with no_new_privs, or while all capabilities are there.
  if (!options.process.tty && options.rights.new_privs) forbid_typing_into_terminal();
  set_identity(options, handover.joined);
  if (!options.process.tty && !options.rights.new_privs) forbid_typing_into_terminal();
  if (options.process.die_with_parent) die_with_parent(handover.init_pipe);
  if (options.process.init) become_init(options, handover);
  handover.tell(options, Step::kExecute);
  if (!options.process.init) end_by_pending_signal(handover.inherited);
  handover.inherited.restore();
  filter.install();

  const char* path = environment.find("PATH");
  const sys::Errno error =
      execute(options.command, path == nullptr ? kDefaultPath : path, environment.entries());
  // A filter may end a process that sends.
  if (options.rights.seccomp == nullptr) handover.tell(options, Step::kNotExecuted);
  complain("execute", options.command[0], error);
  sys::exit(error == ENOENT || error == ENOTDIR ? kExitNotFound : kExitCannotExecute);
}

}  // namespace nsrun
