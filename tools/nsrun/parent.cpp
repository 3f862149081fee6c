#include "stub/procfs.h"
#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "syscalls/ids.h"
#include "syscalls/memory.h"
#include "syscalls/poll.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/cgroup.h"
#include "tools/nsrun/container_files.h"
#include "tools/nsrun/environment.h"
#include "tools/nsrun/error.h"
#include "tools/nsrun/nsrun.h"
#include "tools/nsrun/records.h"
#include "tools/nsrun/request.h"
#include "tools/nsrun/signals.h"
#include "tools/nsrun/terminal.h"

namespace nsrun {

using sys::Fd;
using sys::Pid;
using sys::Text;

namespace {

// Terminal stops are for nsrun itself; SIGCHLD is news of a child; all else is the command's.
constexpr sys::SignalSet watched_signals() {
  return sys::SignalSet::all()
      .without(SIGTSTP)
      .without(SIGTTIN)
      .without(SIGTTOU)
      .without(SIGSEGV)
      .without(SIGBUS)
      .without(SIGILL)
      .without(SIGFPE)
      .without(SIGTRAP)
      .without(SIGSYS);
}

int number(const char* text) {
  return static_cast<int>(sys::take_decimal(text, __INT_MAX__).value);
}

// Whether an option needs a mount namespace.
bool mounts(OptionId id) {
  switch (id) {
    case OptionId::kBind:
    case OptionId::kRoBind:
    case OptionId::kTmpfs:
    case OptionId::kProc:
    case OptionId::kDev:
    case OptionId::kMqueue:
    case OptionId::kOverlay:
    case OptionId::kSymlink:
    case OptionId::kDir:
      return true;
    default:
      return false;
  }
}

// The namespaces of the container's first process from its first moment on.
constexpr unsigned kByClone = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWTIME;

class Parent {
 public:
  Parent(const stub::InitialStack& stack, const Options& options)
      : stack_(stack),
        options_(options),
        start_(sys::nanoseconds(CLOCK_MONOTONIC)),
        printer_(options.verbose ? start_ : 0, options.quiet) {}

  [[noreturn]] void run();

 private:
  void choose_namespaces();
  [[nodiscard]] bool wants_stages() const;
  [[nodiscard]] bool seal_self() const;
  [[nodiscard]] int64_t start_time() const;
  void start();
  bool clone_container(int init_pipe);
  [[noreturn]] void become_container(Handover& handover);
  void configure_container();
  void write_id_maps(const ContainerFiles& files) const;
  void start_stages(Fd& init_pipe);
  void open_files();
  [[noreturn]] void become_stage0(int init_pipe, int log_pipe,
                                  const InitEnvironment& environment) const;
  void execute_sealed(const char* const* environment) const;
  void watch();
  void send(Text text) const;
  void tell_seal();
  void take_pid();
  void announce_pid();
  void receive_from_container();
  void write_info() const;
  void handle_signals();
  void reap();
  void forward(int signal);
  [[noreturn]] void finish();

  const stub::InitialStack& stack_;
  const Options& options_;
  const int64_t start_;
  unsigned create_ = 0;
  bool by_one_clone_ = false;
  bool running_ = true;
  bool set_up_ = true;
  bool announced_ = false;
  int exit_status_ = kExitOwnError;
  int pending_signal_ = 0;
  Pid stage0_ = 0;
  Pid stage2_ = 0;
  Fd init_pipe_;
  Fd log_pipe_;
  Fd signals_;
  InheritedSignals inherited_;
  Fd pid_file_;
  Terminal terminal_;
  sys::FixedString<256> pid_line_;
  RecordPrinter printer_;
  Cgroup cgroup_;  // last: it is large, and what nobody touches of it costs nothing
};

void Parent::choose_namespaces() {
  create_ = options_.namespaces_to_create();
  const auto wants = [&](const char* option, const char* value, unsigned flag) {
    if (value != nullptr && (create_ & flag) == 0) {
      sys::FixedString<48> reason;
      reason << "wants a new " << sys::namespace_name(flag) << " namespace";
      fail(option, value, reason.c_str());
    }
  };
  wants("--rootfs", options_.rootfs, CLONE_NEWNS);
  for (OptionReader reader(options_.argv); options_.mounts && reader.next();) {
    const Option& option = reader.option();
    if (mounts(option.id)) wants(option.name, option.value, CLONE_NEWNS);
  }
  wants("--uid-map", options_.uid_map, CLONE_NEWUSER);
  wants("--gid-map", options_.gid_map, CLONE_NEWUSER);
  if ((options_.map_root_user || options_.map_auto) && (create_ & CLONE_NEWUSER) == 0) {
    fail(options_.map_auto ? "--map-auto" : "--map-root-user", nullptr,
         "wants a new user namespace");
  }
  if (options_.read_only && !options_.has_root()) {
    fail("--read-only", nullptr, "wants --rootfs, or --overlay on /");
  }
  wants("--time-offset monotonic", options_.monotonic_offset, CLONE_NEWTIME);
  wants("--time-offset boottime", options_.boottime_offset, CLONE_NEWTIME);
  if (!options_.joins) {
    wants("--hostname", options_.hostname, CLONE_NEWUTS);
    wants("--domainname", options_.domainname, CLONE_NEWUTS);
  }
}

// Executes this program once more, as an init process, with the same command line.
void Parent::become_stage0(int init_pipe, int log_pipe, const InitEnvironment& environment) const {
  check(sys::fcntl(init_pipe, F_SETFD), "fcntl", "init pipe");
  check(sys::fcntl(log_pipe, F_SETFD), "fcntl", "log pipe");
  inherited_.restore();
  execute_sealed(environment.of_sealed());
  const sys::Errno error = sys::execve(stub::seal::kSelf, stack_.argv(), environment.of_unsealed());
  fail("execve", stub::seal::kSelf, error);
}

// By the stub's own first strategy, where that is what it would try: it then finds itself sealed
// already, and an execution is saved. Returns where it does not work; the stub will say why.
void Parent::execute_sealed(const char* const* environment) const {
  if (options_.seal > NSEXEC_SEAL_DETACHED_MOUNT) return;
  const auto sealed = stub::seal::mount_detached(stub::seal::kSelf);
  if (!sealed) return;
  const Fd binary = sealed.value();
  (void)sys::execve(stub::seal::FdPath(binary.get()).c_str(), stack_.argv(), environment);
}

// What can be wrong with them is said before anything is started.
void Parent::open_files() {
  if (options_.pid_file != nullptr) {
    pid_file_ = check(sys::openat(AT_FDCWD, options_.pid_file, O_WRONLY | O_CREAT | O_TRUNC, 0644),
                      "--pid-file", options_.pid_file);
  }
  if (options_.info_fd != nullptr) {
    check(sys::fcntl(number(options_.info_fd), F_GETFD), "--info-fd", options_.info_fd);
  }
  if (options_.seccomp != nullptr) {
    check(sys::fcntl(number(options_.seccomp), F_GETFD), "--seccomp", options_.seccomp);
  }
  if (options_.cgroup != nullptr) cgroup_.open(options_.cgroup);
}

// One clone makes the whole container where nobody is joined and nothing is asked for that has to
// happen between two stages. Root alone: others want help with the seal and the maps. Those who
// want to see what the stages do get stages.
bool Parent::wants_stages() const {
  const bool offsets = options_.monotonic_offset != nullptr || options_.boottime_offset != nullptr;
  return !options_.caller_is_root || options_.joins || offsets || options_.cgroup != nullptr ||
         options_.verbose;
}

// Whether nobody in a container can write to this program (CVE-2019-5736), or it is not wanted. If
// that is not so yet it is executed once more, by the stub's own first strategy. No: that did not
// work, and the stub will find another way, or say why there is none.
bool Parent::seal_self() const {
  if (options_.seal == NSEXEC_SEAL_NONE) return true;
  if (options_.seal > NSEXEC_SEAL_DETACHED_MOUNT) return false;
  if (stack_.find_variable("_LIBCONTAINER_CLONED_BINARY") != nullptr) {
    (void)sys::prctl(PR_SET_NAME, "nsrun");  // and not the number of the fd
    return stub::seal::proof(true) != nullptr;
  }
  sys::FixedString<48> start;
  start << kStartVariable << "=" << start_time();
  const char* const additions[] = {kSealed, start.c_str()};
  execute_sealed(ExtendedEnvironment(stack_, {additions, 2}).entries());
  return false;
}

// When nsrun was started, CLOCK_REALTIME in microseconds: by itself, before it was sealed.
int64_t Parent::start_time() const {
  const char* cursor = stack_.variable(kStartVariable);
  const sys::Number start = sys::take_decimal(cursor, __INT64_MAX__ / 100);
  return by_one_clone_ && start.valid ? static_cast<int64_t>(start.value)
                                      : sys::nanoseconds(CLOCK_REALTIME) / 1000;
}

void Parent::start() {
  sys::SocketPair init;
  check(init.open(SOCK_STREAM), "socketpair");
  init_pipe_ = static_cast<Fd&&>(init.first);
  inherited_.block(watched_signals());
  signals_ = check(sys::signalfd(watched_signals()), "signalfd");
  by_one_clone_ = by_one_clone_ && clone_container(init.second.get());
  if (!by_one_clone_) start_stages(init.second);
}

// False: the kernel refuses it as a whole, and what it refuses of it the stages will say.
bool Parent::clone_container(int init_pipe) {
  Handover handover(init_pipe, start_time());
  handover.is_root = false;
  append_outside(handover.outside, options_);
  handover.seal << (options_.seal == NSEXEC_SEAL_NONE ? "none" : "detached-mount");
  clone_args arguments{};
  arguments.flags = create_ & kByClone;
  if (options_.needs_no_outer()) arguments.flags &= ~uint64_t{CLONE_NEWUSER};
  arguments.exit_signal = SIGCHLD;
  const auto born = sys::clone3(arguments);
  if (!born) return false;
  if (born.value() == 0) become_container(handover);
  stage2_ = born.value();
  return true;
}

// What stages 1 and 2 do. The other namespaces belong to who is root in the user namespace: that is
// who this process is already, and so it makes them while the parent writes the maps, unless root
// is to be somebody else.
void Parent::become_container(Handover& handover) {
  init_pipe_.reset();
  inherited_.restore();
  check(sys::setsid(), "setsid");
  const unsigned others = create_ & ~kByClone & ~options_.later_namespaces();
  // The ids of what belongs to these namespaces are read when they are made. With an inner user
  // namespace they are the mount and the cgroup namespace, which have none.
  const bool mapped = options_.uid_map != nullptr || options_.gid_map != nullptr;
  if (mapped && !options_.locks_mounts()) handover.become_root();
  create_namespaces(options_, others);
  run_container(stack_, options_, handover);
}

// What stage 0 does: the container may not do it itself. It waits until all of it is done.
void Parent::configure_container() {
  const Fd procfs = check(stub::open_procfs(), "open", "/proc");
  const ContainerFiles files(procfs.get(), stage2_);
  if (options_.oom_score_adj != nullptr) {
    files.require_own_pid_namespace();
    files.write("oom_score_adj", Text::of(options_.oom_score_adj));
  }
  if (options_.needs_no_outer()) {
    // The container's first process says when its user namespace is there.
    unsigned char byte = 0;
    if (check(sys::receive(init_pipe_.get(), {&byte, 1}, 0), "recvfrom", "init pipe") == 0) return;
  }
  if ((create_ & CLONE_NEWUSER) != 0) write_id_maps(files);
  send("\n\n");  // to the container's first process, and to the one that builds its file system
  // Nobody will say anything there.
  if (!options_.tty && !options_.die_with_parent && !options_.tells_pid()) init_pipe_.reset();
}

// Where all ids are wanted as they are one line says it, unless we are in a user namespace
// ourselves, whose ids are to be read first: there the kernel refuses that line.
void Parent::write_id_maps(const ContainerFiles& files) const {
  const bool all = options_.maps_all();
  const bool all_uids = all && files.try_write("uid_map", kAllIds);
  const bool all_gids = all && files.try_write("gid_map", kAllIds);
  if (all_uids && all_gids) return;
  IdMaps maps;
  read_id_maps(options_, maps);
  if (!all_uids) files.write("uid_map", maps.uid.text());
  if (!all_gids) files.write("gid_map", maps.gid.text());
}

// The message is put together first: what is wrong with it is said before anything is started.
void Parent::start_stages(Fd& init_pipe) {
  sys::Mapping memory;
  check(memory.map_private(32768), "mmap", "message");
  MessageWriter writer(memory.bytes());
  unsigned first = create_ & ~options_.later_namespaces();
  // The container's first process tries that itself.
  if (options_.may_lack_cgroup_namespace()) first &= ~unsigned{CLONE_NEWCGROUP};
  write_message(options_, first, writer);
  sys::Pipe log;
  check(log.open(O_CLOEXEC), "pipe2");
  const InitEnvironment environment(stack_, options_, start_time(), init_pipe.get(),
                                    log.writer.get());
  const auto child = [&] { become_stage0(init_pipe.get(), log.writer.get(), environment); };
  stage0_ = cgroup_.is_open() ? cgroup_.fork_into()
                              : check(sys::clone_to_execute(child), "clone", "stage 0");
  if (stage0_ == 0) child();
  log_pipe_ = static_cast<Fd&&>(log.reader);
  check(sys::fcntl(log_pipe_.get(), F_SETFL, O_NONBLOCK), "fcntl", "log pipe");
  init_pipe.reset();  // or nobody would notice that stage 0 has gone
  send(writer.finish());
}

void Parent::forward(int signal) {
  if (stage2_ != 0) {
    (void)sys::kill(stage2_, signal);
  } else {
    pending_signal_ = signal;
  }
}

// What comes over the init pipe: the pid line, from the stub, and with --tty a byte with the
// terminal's master. The container closes it when it is set up.
void Parent::receive_from_container() {
  while (init_pipe_.is_open()) {
    char buffer[64];
    sys::FdMessage message({buffer, sizeof buffer}, -1);
    const auto size = message.receive(init_pipe_.get());
    if (size.error() == EAGAIN) return;
    if (!size && !(size.error() == ECONNRESET)) complain("recvmsg", "init pipe", size.error());
    if (!size || size.value() == 0) {
      init_pipe_.reset();  // its end: no more will come
    } else {
      Fd master = message.take_fd();
      if (master.is_open()) {
        terminal_.start(static_cast<Fd&&>(master));
      } else {
        pid_line_ << Text(buffer, size.value());
      }
    }
    if (!by_one_clone_ && stage2_ == 0 && pid_line_.text().contains('\n')) take_pid();
    // Behind the pid line of the stub, if there is one, an empty line says that all namespaces are
    // there.
    const Text lines = pid_line_.text();
    const Text last = by_one_clone_ || stage2_ == 0 ? lines : lines.from(lines.find('\n') + 1);
    if (!announced_ && stage2_ != 0 && last.contains('\n')) announce_pid();
  }
}

void Parent::take_pid() {
  const Text line = pid_line_.text();
  size_t colon = line.find('\n');
  while (line[--colon] != ':') continue;
  const char* cursor = line.data() + colon + 1;  // the last value is stage 2's
  stage2_ = static_cast<Pid>(sys::take_decimal(cursor, __INT_MAX__).value);
  if (options_.report) tell_seal();
}

// To all who have asked for it, now that the container is in its namespaces.
void Parent::announce_pid() {
  announced_ = true;
  if (pending_signal_ != 0) forward(pending_signal_);
  if (pid_file_.is_open()) {
    sys::ShortString text;
    text << stage2_ << "\n";
    check(sys::write_fully(pid_file_.get(), text.text()), "--pid-file", options_.pid_file);
    pid_file_.reset();
  }
  if (options_.info_fd != nullptr) write_info();
  send(kAnnounced);
}

// As bwrap(1) has it. Namespaces that the kernel does not have are left out.
void Parent::write_info() const {
  sys::FixedString<512> json;
  json << "{\"child-pid\": " << stage2_;
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    sys::ShortString path;
    path << "/proc/" << stage2_ << "/ns/" << type.name;
    struct statx status {};
    if (!sys::statx(AT_FDCWD, path.c_str(), 0, STATX_INO, status)) continue;
    json << ", \"" << type.name << "-namespace\": " << static_cast<int64_t>(status.stx_ino);
  }
  json << "}\n";
  const int fd = number(options_.info_fd);
  check(sys::write_fully(fd, json.text()), "--info-fd", options_.info_fd);
  (void)sys::close(fd);
}

// Whether or not somebody is still there to read it: the stages' ends say what happened then.
void Parent::send(Text text) const {
  const auto sent = sys::send_fully(init_pipe_.get(), text);
  const bool gone = sent.error() == EPIPE || sent.error() == ECONNRESET;
  if (!sent && !gone) fail("sendto", "init pipe", sent.error());
}

// Tells the container, which waits for it, how the stub has sealed itself. Its record came before
// the pid line.
void Parent::tell_seal() {
  if (log_pipe_.is_open()) (void)printer_.read_from(log_pipe_.get());
  sys::ShortString line;
  line << printer_.seal() << "\n";
  send(line.text());
}

// Stages 1 and 2 are our own children, thanks to CLONE_PARENT. Stage 2 has sent the pid line before
// it can have ended, so that what has come is read once it has, and its status finds its name.
void Parent::reap() {
  for (;;) {
    const auto child = sys::wait(-1, WNOHANG);
    if (!child) running_ = false;  // ECHILD: nobody is left
    if (!child && !(child.error() == ECHILD)) complain("wait4", "the container", child.error());
    if (!child || child.value().pid == 0) return;
    receive_from_container();
    if (child.value().pid == stage0_) {
      set_up_ = child.value().as_shell() == 0;
      if (!child.value().exited()) complain("stage 0", nullptr, "killed");
      if (!set_up_ && stage2_ != 0) (void)sys::kill(stage2_, SIGKILL);
    } else if (child.value().pid == stage2_) {
      exit_status_ = child.value().as_shell();
    }
  }
}

void Parent::handle_signals() {
  for (auto next = sys::read_signal(signals_.get()); next;
       next = sys::read_signal(signals_.get())) {
    const int signal = next.value();
    if (signal == SIGCHLD) {
      reap();
    } else if (signal == SIGWINCH && terminal_.started()) {
      terminal_.resize();
    } else {
      forward(signal);
    }
  }
}

void Parent::watch() {
  while (running_) {
    // A negative fd is not looked at.
    sys::PollEntry entries[5] = {
        {signals_.get(), POLLIN, 0}, {log_pipe_.get(), POLLIN, 0}, {init_pipe_.get(), POLLIN, 0}};
    terminal_.prepare(entries + 3);
    check(sys::poll({entries, 5}), "poll");
    if (entries[1].revents != 0 && printer_.read_from(log_pipe_.get()) == RecordPrinter::kEnd) {
      log_pipe_.reset();
    }
    if (entries[2].revents != 0) receive_from_container();
    if (terminal_.started()) terminal_.carry(entries + 3);
    if (entries[0].revents != 0) handle_signals();
  }
  auto state = RecordPrinter::kRead;
  while (log_pipe_.is_open() && state == RecordPrinter::kRead) {
    state = printer_.read_from(log_pipe_.get());
  }
  terminal_.drain();
}

void Parent::run() {
  choose_namespaces();
  by_one_clone_ = !wants_stages() && seal_self();
  open_files();
  start();
  if (by_one_clone_) configure_container();
  if (init_pipe_.is_open()) {
    check(sys::fcntl(init_pipe_.get(), F_SETFL, O_NONBLOCK), "fcntl", "init pipe");
  }
  watch();
  finish();
}

void Parent::finish() {
  terminal_.restore();
  const sys::Errno error = cgroup_.remove();
  // What the container has made below it is not ours to remove.
  if (!(error == 0) && !options_.quiet) complain("--cgroup remove", cgroup_.path(), error);
  sys::exit(set_up_ ? exit_status_ : kExitOwnError);
}

}  // namespace

void run_parent(const stub::InitialStack& stack, const Options& options) {
  Parent(stack, options).run();
}

}  // namespace nsrun
