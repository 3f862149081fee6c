#include "stub/procfs.h"
#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "syscalls/ids.h"
#include "syscalls/memory.h"
#include "syscalls/poll.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/mapped.h"
#include "tools/nsrun/common/signals.h"
#include "tools/nsrun/host/cgroup.h"
#include "tools/nsrun/host/container_files.h"
#include "tools/nsrun/host/environment.h"
#include "tools/nsrun/host/pid_file.h"
#include "tools/nsrun/host/records.h"
#include "tools/nsrun/host/request.h"
#include "tools/nsrun/host/terminal.h"

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

// What a container that is joined may take to answer what is asked of its file systems: it can have
// made one that never does.
constexpr int64_t kPatience = 10'000'000'000;

// The namespaces of the container's first process from its first moment on.
constexpr unsigned kByClone = CLONE_NEWUSER | kBornIn;

class Parent {
 public:
  Parent(const stub::InitialStack& stack, const Options& options)
      : stack_(stack),
        options_(options),
        start_(sys::nanoseconds(CLOCK_MONOTONIC)),
        printer_(options.reporting.verbose ? start_ : 0, options.reporting.quiet) {}

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
  [[nodiscard]] sys::Result<int> wait_for_news(sys::Span<sys::PollEntry> entries);
  [[noreturn]] void give_up();
  [[noreturn]] void abandon(const char* what, const char* object, sys::Errno error);
  void take(Text received);
  void take_step(char received);
  void know_pid(Pid pid);
  void send(Text text) const;
  void tell_seal();
  void take_pid();
  void announce_pid();
  void receive_from_container();
  void write_info();
  void handle_signals();
  void reap();
  void reap_one(const Pid& pid);
  void note_end(const sys::ChildStatus& child);
  void forward(int signal);
  [[noreturn]] void finish();

  const stub::InitialStack& stack_;
  const Options& options_;
  const int64_t start_;
  unsigned create_ = 0;
  bool by_one_clone_ = false;
  bool running_ = true;
  bool set_up_ = true;
  bool is_first_process_ = sys::getpid() == 1;
  bool pid_known_ = false;
  int exit_status_ = kExitOwnError;
  Step step_ = Step::kNone;
  sys::SignalSet pending_signals_;
  // 0: not known yet, or reaped. The number may then be another process's.
  Pid stage0_ = 0;
  Pid stage1_ = 0;
  Pid stage2_ = 0;
  Fd init_pipe_;
  Fd log_pipe_;
  Fd signals_;
  InheritedSignals inherited_;
  PidFile pid_file_;
  JoinedProcesses joined_;
  Terminal terminal_;
  sys::FixedString<256> pid_line_;
  RecordPrinter printer_;
  Cgroup cgroup_;
};

void Parent::choose_namespaces() {
  create_ = options_.namespaces_to_create();
  const auto want = [&](const char* option, const char* value, unsigned flag) {
    if (value == nullptr || (create_ & flag) != 0) return;
    sys::FixedString<48> reason;
    reason << "wants a new " << sys::namespace_name(flag) << " namespace";
    fail(option, *value == '\0' ? nullptr : value, reason.c_str());
  };
  for (OptionReader reader(options_.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.wants != 0) want(option.name, option.value, option.wants);
  }
  if (options_.files.read_only && !options_.has_root()) {
    fail("--read-only", nullptr, "wants --rootfs, or --overlay on /");
  }
  if (!options_.namespaces.joins) {
    want("--hostname", options_.process.hostname, CLONE_NEWUTS);
    want("--domainname", options_.process.domainname, CLONE_NEWUTS);
  }
}

// Executes this program once more, as an init process, with the same command line.
void Parent::become_stage0(int init_pipe, int log_pipe, const InitEnvironment& environment) const {
  check(sys::fcntl(init_pipe, F_SETFD), "fcntl", "init pipe");
  check(sys::fcntl(log_pipe, F_SETFD), "fcntl", "log pipe");
  joined_.keep_open();
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
  if (options_.reporting.pid_file != nullptr) {
    pid_file_.open(options_.reporting.pid_file);
  }
  if (options_.reporting.info_fd != nullptr) {
    const int fd = number(options_.reporting.info_fd);
    check(sys::fcntl(fd, F_GETFD), "--info-fd", options_.reporting.info_fd);
    // The command could write a record of its own, and its reader would wait for the command's end.
    if (fd > 2) check(sys::fcntl(fd, F_SETFD, FD_CLOEXEC), "--info-fd", options_.reporting.info_fd);
  }
  if (options_.rights.seccomp != nullptr) {
    check(sys::fcntl(number(options_.rights.seccomp), F_GETFD), "--seccomp",
          options_.rights.seccomp);
  }
  if (options_.namespaces.joins) {
    joined_.open(options_);
    for (const auto& process : joined_.processes()) {
      printer_.rename(process.directory.get(), process.pid);
    }
  }
  // From here on a signal is data, and does not end nsrun while a cgroup is to be removed.
  inherited_.block(watched_signals());
  if (options_.process.cgroup != nullptr) cgroup_.open(options_.process.cgroup);
}

// One clone makes the whole container where nobody is joined and nothing is asked for that has to
// happen between two stages. Root alone: others want help with the seal and the maps. Those who
// want to see what the stages do get stages.
bool Parent::wants_stages() const {
  const bool offsets = options_.namespaces.monotonic_offset != nullptr ||
                       options_.namespaces.boottime_offset != nullptr;
  return !options_.caller_is_root || options_.namespaces.joins || offsets ||
         options_.process.cgroup != nullptr || options_.reporting.verbose;
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
  signals_ = check(sys::signalfd(watched_signals()), "signalfd");
  by_one_clone_ = by_one_clone_ && clone_container(init.second.get());
  if (!by_one_clone_) start_stages(init.second);
}

// False: the kernel refuses it as a whole, and what it refuses of it the stages will say.
bool Parent::clone_container(int init_pipe) {
  Handover handover(init_pipe, start_time(), inherited_);
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
  know_pid(born.value());
  return true;
}

// What stages 1 and 2 do. The other namespaces belong to who is root in the user namespace: that is
// who this process is already, and so it makes them while the parent writes the maps, unless root
// is to be somebody else.
void Parent::become_container(Handover& handover) {
  init_pipe_.reset();
  if (options_.reporting.info_fd != nullptr && number(options_.reporting.info_fd) > 2) {
    (void)sys::close(number(options_.reporting.info_fd));
  }
  check(sys::setsid(), "setsid");
  pid_file_.forget();
  create_first_namespaces(options_, handover);
  run_container(stack_, options_, handover);
}

// What stage 0 does: the container may not do it itself. It waits until all of it is done.
void Parent::configure_container() {
  const Fd procfs = check(stub::open_procfs(), "open", "/proc");
  const ContainerFiles files(procfs.get(), stage2_);
  if (options_.process.oom_score_adj != nullptr && by_one_clone_) {  // otherwise the stub does it
    files.require_own_pid_namespace();
    files.write("oom_score_adj", Text::of(options_.process.oom_score_adj));
  }
  if ((create_ & CLONE_NEWUSER) != 0) write_id_maps(files);
  send("\n\n");  // to the container's first process, and to the one that builds its file system
  // No more data is expected on this pipe, so close it.
  const bool talks =
      options_.process.tty || options_.process.die_with_parent || options_.reporting.tells_pid();
  if (by_one_clone_ && !talks) init_pipe_.reset();
}

// Where all ids are wanted as they are one line says it, unless we are in a user namespace
// ourselves, whose ids are to be read first: there the kernel refuses that line.
void Parent::write_id_maps(const ContainerFiles& files) const {
  const bool all = options_.maps_all();
  const bool all_uids = all && files.try_write("uid_map", kAllIds);
  const bool all_gids = all && files.try_write("gid_map", kAllIds);
  if (all_uids && all_gids) return;
  sys::Mapping memory;
  check(memory.map_private(IdMaps::kMemory), "mmap", "id maps");
  IdMaps maps({reinterpret_cast<char*>(memory.data()), memory.size()});
  read_id_maps(options_, maps);
  if (!all_uids) files.write("uid_map", maps.uid.text());
  if (!all_gids) files.write("gid_map", maps.gid.text());
}

// The message is put together first: what is wrong with it is said before anything is started.
void Parent::start_stages(Fd& init_pipe) {
  sys::Mapping memory;
  constexpr size_t kLongest = 32768;
  check(memory.map_private(kLongest + IdMaps::kMemory), "mmap", "message");
  MessageWriter writer(memory.bytes().first(kLongest));
  unsigned first = create_ & ~options_.later_namespaces();
  // The container's first process tries that itself.
  if (options_.may_lack_cgroup_namespace()) first &= ~unsigned{CLONE_NEWCGROUP};
  if (options_.needs_no_outer()) first &= kBornIn;
  write_message(options_, first, joined_,
                {reinterpret_cast<char*>(memory.data()) + kLongest, IdMaps::kMemory}, writer);
  sys::Pipe log;
  check(log.open(O_CLOEXEC), "pipe2");
  const InitEnvironment environment(stack_, options_, start_time(), init_pipe.get(),
                                    log.writer.get(), inherited_, joined_);
  const auto child = [&] { become_stage0(init_pipe.get(), log.writer.get(), environment); };
  stage0_ = cgroup_.is_open() ? cgroup_.fork_into()
                              : check(sys::clone_to_execute(child), "clone", "stage 0");
  if (stage0_ == 0) child();
  log_pipe_ = static_cast<Fd&&>(log.reader);
  check(sys::fcntl(log_pipe_.get(), F_SETFL, O_NONBLOCK), "fcntl", "log pipe");
  init_pipe.reset();  // or nobody would notice that stage 0 has gone
  send(writer.finish());
}

// Before the container's process is known, and after its end, there is nobody to send it to. In the
// first case it is kept.
void Parent::forward(int signal) {
  if (stage2_ != 0) {
    (void)sys::kill(stage2_, signal);
  } else if (!pid_known_) {
    pending_signals_ = pending_signals_.with(signal);
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
      // What was sent before the terminal's master may come with it in one piece.
      take({buffer, size.value()});
      Fd master = message.take_fd();
      if (master.is_open()) terminal_.start(static_cast<Fd&&>(master));
    }
  }
}

// The stub's pid line, where there is a stub, and then a byte for each step.
void Parent::take(Text received) {
  if (!pid_known_) {
    const size_t end = received.find('\n');
    pid_line_ << received.first(end);
    if (end == received.size()) return;
    take_pid();
    received = received.from(end + 1);
  }
  for (; !received.empty(); received = received.from(1)) take_step(received[0]);
}

void Parent::take_step(char received) {
  step_ = static_cast<Step>(received);
  if (step_ == Step::kUserNamespace) configure_container();
  if (step_ == Step::kAnnounce) announce_pid();
}

// {"stage1_pid":N,"stage2_pid":M}
void Parent::take_pid() {
  const Text line = pid_line_.text();
  Pid pids[2] = {};
  size_t at = 0;
  for (Pid& pid : pids) {
    at += line.from(at).find(':') + 1;
    if (at >= line.size()) fail("init pipe", nullptr, "no pid line came");
    const char* cursor = line.data() + at;
    pid = static_cast<Pid>(sys::take_decimal(cursor, __INT_MAX__).value);
    if (pid <= 0) fail("init pipe", nullptr, "no pid line came");
  }
  stage1_ = pids[0];
  know_pid(pids[1]);
  if (options_.reporting.report) tell_seal();
}

void Parent::know_pid(Pid pid) {
  stage2_ = pid;
  pid_known_ = true;
  for (int signal = 1; signal <= 64; ++signal) {
    if (pending_signals_.has(signal)) forward(signal);
  }
}

// To all who have asked for it, now that all namespaces are there.
void Parent::announce_pid() {
  if (pid_file_.is_open()) {
    const auto written = pid_file_.write(stage2_);
    if (!written) abandon("--pid-file", options_.reporting.pid_file, written.error());
  }
  if (options_.reporting.info_fd != nullptr) write_info();
  send(kAnnounced);
}

// Ends, and the container with it: something that it was to have cannot be had.
void Parent::abandon(const char* what, const char* object, sys::Errno error) {
  complain(what, object, error);
  set_up_ = false;
  if (stage0_ != 0) (void)sys::kill(stage0_, SIGKILL);
  if (stage2_ != 0) (void)sys::kill(stage2_, SIGKILL);
  finish();
}

// As bwrap(1) has it. Namespaces that the kernel does not have are left out.
void Parent::write_info() {
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
  const int fd = number(options_.reporting.info_fd);
  const auto written = write_waiting(fd, json.text());
  if (!written) abandon("--info-fd", options_.reporting.info_fd, written.error());
  if (fd > 2) (void)sys::close(fd);
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

void Parent::note_end(const sys::ChildStatus& child) {
  if (child.pid == stage0_) {
    stage0_ = 0;
    set_up_ = child.as_shell() == 0;
    if (!child.exited()) complain("stage 0", nullptr, "killed");
    receive_from_container();
    if (!set_up_ && stage2_ != 0) (void)sys::kill(stage2_, SIGKILL);
  } else if (child.pid == stage1_) {
    stage1_ = 0;
  } else if (child.pid == stage2_) {
    stage2_ = 0;
    exit_status_ = child.as_shell();
  }
}

// Notes it if that process, one of ours, has ended.
void Parent::reap_one(const Pid& pid) {
  if (pid == 0) return;
  const auto child = sys::wait(pid, WNOHANG);
  if (!child) fail("wait4", "the container", child.error());
  if (child.value().pid != 0) note_end(child.value());
}

// Only our own: whoever executed nsrun may have had children before (sh -c "job & exec nsrun ...").
// The first process of a pid namespace gets those of others, too, and is alone in reaping them.
// Stages 1 and 2 are ours thanks to CLONE_PARENT. Stage 2 has sent the pid line before it can have
// ended, so that what has come is read first, and its status finds its name.
void Parent::reap() {
  receive_from_container();
  reap_one(stage0_);
  reap_one(stage1_);
  reap_one(stage2_);
  // Not before ours are known: their status would be lost.
  while (is_first_process_ && pid_known_) {
    const auto child = sys::wait(-1, WNOHANG);
    if (!child || child.value().pid == 0) break;
    note_end(child.value());
  }
  // Where the stages have failed before there was a pid line, the pipe ends with the last of them.
  running_ = stage0_ != 0 || stage1_ != 0 || stage2_ != 0 ||
             (!by_one_clone_ && !pid_known_ && init_pipe_.is_open());
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

// Of what a joined container is asked while it is entered, each can block, and FUSE is not even
// interrupted by a signal.
sys::Result<int> Parent::wait_for_news(sys::Span<sys::PollEntry> entries) {
  if (!options_.namespaces.joins || !init_pipe_.is_open()) return sys::poll(entries);
  const int64_t left = start_ + kPatience - sys::nanoseconds(CLOCK_MONOTONIC);
  if (left <= 0) give_up();
  const auto ready = sys::poll_for(entries, left);
  if (ready && ready.value() == 0) give_up();
  return ready.error() == EINTR ? sys::Result<int>(0) : ready;
}

void Parent::give_up() {
  const char* const what = step_ == Step::kFileSystem  ? "build the file system"
                           : step_ == Step::kDirectory ? "--chdir"
                           : step_ == Step::kTerminal  ? "--tty"
                           : step_ == Step::kExecute   ? "execute COMMAND"
                                                       : "enter its namespaces";
  sys::ShortString reason;
  reason << "no answer for " << kPatience / 1'000'000'000 << " seconds; given up";
  complain("--join", what, reason.c_str());
  set_up_ = false;
  if (stage0_ != 0) (void)sys::kill(stage0_, SIGKILL);
  if (stage2_ != 0) (void)sys::kill(stage2_, SIGKILL);
  finish();
}

void Parent::watch() {
  while (running_) {
    // A negative fd is not looked at.
    sys::PollEntry entries[5] = {
        {signals_.get(), POLLIN, 0}, {log_pipe_.get(), POLLIN, 0}, {init_pipe_.get(), POLLIN, 0}};
    terminal_.prepare(entries + 3);
    check(wait_for_news({entries, 5}), "poll");
    if (entries[1].revents != 0 && printer_.read_from(log_pipe_.get()) == RecordPrinter::kEnd) {
      log_pipe_.reset();
    }
    if (entries[2].revents != 0) receive_from_container();
    if (terminal_.started()) terminal_.carry(entries + 3);
    if (entries[0].revents != 0) handle_signals();
    if (!init_pipe_.is_open() && stage0_ == 0 && stage1_ == 0 && stage2_ == 0) running_ = false;
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
  if (by_one_clone_ && !options_.needs_no_outer()) configure_container();
  if (init_pipe_.is_open()) {
    check(sys::fcntl(init_pipe_.get(), F_SETFL, O_NONBLOCK), "fcntl", "init pipe");
  }
  watch();
  finish();
}

void Parent::finish() {
  terminal_.restore();
  if (step_ != Step::kExecute) pid_file_.remove();  // the command has never been
  const sys::Errno error = cgroup_.remove();
  // What the container has made below it is not ours to remove.
  if (!(error == 0) && !options_.reporting.quiet)
    complain("--cgroup remove", cgroup_.path(), error);
  sys::exit(set_up_ ? exit_status_ : kExitOwnError);
}

}  // namespace

void run_parent(const stub::InitialStack& stack, const Options& options) {
  check(make_mapped<Parent>(stack, options), "mmap", "nsrun")->run();
}

}  // namespace nsrun
