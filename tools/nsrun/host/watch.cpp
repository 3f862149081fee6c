#include "tools/nsrun/host/watch.h"

#include "syscalls/poll.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/configure.h"
#include "tools/nsrun/host/default_action.h"
#include "tools/nsrun/host/info.h"
#include "tools/nsrun/host/job_control.h"

namespace nsrun {

namespace {

// The time that a joined container may take to answer requests to its file systems. It can have
// mounted one that never answers.
constexpr int64_t kPatience = 10'000'000'000;

}  // namespace

void Watch::run(Launched launched) {
  by_stages_ = launched.by_stages;
  for (const auto& process : preparation_.joined.processes()) {
    log_.printer().rename(process.directory.get(), process.pid);
  }
  children_.start(launched.stage0, launched.container);
  log_.start(static_cast<sys::Fd&&>(launched.log_pipe));
  conversation_.start(static_cast<InitPipe&&>(launched.init_pipe), by_stages_);
  while (is_running()) wait();
  log_.drain();
  terminal_.drain();
  finish();
}

// If the stages fail before the pid line, the pipe ends with the last of them.
bool Watch::is_running() {
  return children_.any() ||
         (by_stages_ && !children_.container_is_known() && conversation_.pipe().is_open());
}

// Waits until something happens, and handles it.
void Watch::wait() {
  forward_kept();
  // poll(2) ignores a negative fd.
  constexpr size_t kOthers = 5;
  sys::PollEntry entries[kOthers + Terminal::kEntries] = {{signals_.get(), POLLIN, 0},
                                                          {log_.get(), POLLIN, 0},
                                                          {conversation_.fd(), POLLIN, 0},
                                                          {preparation_.caller.get(), POLLIN, 0},
                                                          {preparation_.gate.get(), POLLIN, 0}};
  terminal_.prepare(entries + kOthers);
  check(wait_for_news({entries, kOthers + Terminal::kEntries}), "poll");
  if (entries[1].revents != 0) log_.print();
  if (entries[2].revents != 0) listen();
  if (terminal_.started()) take_terminal_news(terminal_.carry(entries + kOthers));
  if (entries[4].revents != 0) {
    preparation_.gate.pass();
    conversation_.pipe().send(kAnnounced);
  }
  if (entries[3].revents != 0) {
    preparation_.caller.forget();
    children_.kill();
  }
  if (entries[0].revents != 0) handle_signals();
}

// While a container is joined, each request to it can block. FUSE may not even be interrupted by a
// signal.
sys::Result<int> Watch::wait_for_news(sys::Span<sys::PollEntry> entries) {
  if (!options_.namespaces.joins || !conversation_.pipe().is_open()) return sys::poll(entries);
  const int64_t left = preparation_.started + kPatience - sys::nanoseconds(CLOCK_MONOTONIC);
  if (left <= 0) give_up();
  const auto ready = sys::poll_for(entries, left);
  if (ready && ready.value() == 0) give_up();
  return ready.error() == EINTR ? sys::Result<int>(0) : ready;
}

void Watch::listen() {
  using News = Conversation::News;
  for (News news = conversation_.next(); news.kind != News::kNothing; news = conversation_.next()) {
    if (news.kind == News::kPids) take_pids(news);
    if (news.kind == News::kStep) take_step(news.step);
    if (news.kind == News::kTerminal) terminal_.start(conversation_.take_fd());
  }
}

void Watch::take_pids(const Conversation::News& news) {
  children_.know(news.stage1, news.container);
  if (!options_.reporting.report) return;
  // The container waits to hear how the stub was sealed. That log record comes before the pid line.
  log_.print();
  sys::ShortString line;
  line << log_.printer().seal() << "\n";
  conversation_.pipe().send(line.text());
}

void Watch::take_step(Step step) {
  step_ = step;
  if (step == Step::kUserNamespace) {
    configure_container(options_, children_.container(), by_stages_, conversation_.pipe());
  }
  if (step == Step::kAnnounce) announce();
  if (step == Step::kLockFile) {
    const sys::Errno error = preparation_.locks.take(options_, conversation_.take_fd());
    if (!(error == 0)) abandon("--lock-file", preparation_.locks.name(), error);
  }
}

// Reports the pid as the options ask, now that all namespaces exist.
void Watch::announce() {
  const ReportingOptions& reporting = options_.reporting;
  if (preparation_.pid_file.is_open()) {
    const auto written = preparation_.pid_file.write(children_.container());
    if (!written) abandon("--pid-file", reporting.pid_file, written.error());
  }
  if (reporting.info_fd != nullptr) {
    const auto written = write_info(parse_descriptor(reporting.info_fd), children_.container());
    if (!written) abandon("--info-fd", reporting.info_fd, written.error());
    if (const int fd = parse_descriptor(reporting.info_fd); fd > 2) (void)sys::close(fd);
  }
  if (reporting.json_status_fd != nullptr) {
    const auto written =
        write_info(parse_descriptor(reporting.json_status_fd), children_.container());
    if (!written) abandon("--json-status-fd", reporting.json_status_fd, written.error());
  }
  if (!preparation_.gate.holds()) conversation_.pipe().send(kAnnounced);
}

// A signal is kept until the container's process is known. After the end of that process it is
// dropped.
void Watch::handle_signals() {
  for (int signal = signals_.next(); signal != 0; signal = signals_.next()) {
    if (signal == SIGCHLD) {
      reap();
    } else if (signal == SIGWINCH && terminal_.started()) {
      terminal_.resize();
    } else if (signal == SIGTSTP) {
      suspend(false);
    } else if (signal == SIGCONT) {
      resume();
    } else if (children_.container() != 0) {
      forward(signal);
    } else if (!children_.container_is_known()) {
      signals_.keep(signal);
    }
  }
}

// Sends the signal to the container's first process. If that is COMMAND, or will be, nsrun takes
// the default action itself, because the kernel does not do that for the first process of a pid
// namespace. The pipe is open during the set-up.
void Watch::forward(int signal) {
  const sys::Pid container = children_.container();
  if (container == 0) return;
  if (options_.command_is_first_process()) {
    conversation_.pipe().listen_again();
    listen();
    const bool ends = conversation_.pipe().is_open()
                          ? ends_new_command(preparation_.inherited, signal)
                          : drops_signal(container, signal);
    if (ends) return children_.end_by(signal);
  }
  (void)sys::kill(container, signal);
}

// Stops nsrun as SIGTSTP stops a program; with `group` the whole job. COMMAND stops too, unless it
// has a terminal of its own: then it goes on, as a remote program behind ssh(1).
void Watch::suspend(bool group) {
  const auto action = sys::signal_action(SIGTSTP);
  if (action && action.value().handler == sys::SignalAction::kIgnore) return;
  if (!terminal_.started()) stop_container(children_.container(), options_.process.init);
  terminal_.restore();
  stop_here(group);
  resume();
}

void Watch::resume() {
  if (terminal_.started()) terminal_.take_again();
  continue_container(children_.container(), options_.process.init);
}

void Watch::take_terminal_news(const Terminal::News& news) {
  const sys::Pid container = children_.container();
  if (news.end) children_.end_by(SIGHUP);
  if (news.suspend) suspend(true);
  // For Ctrl-C the kernel has sent a signal to the foreground group, but the first process of a pid
  // namespace did not get it.
  if (news.typed_signal != 0 && container != 0 && options_.command_is_first_process() &&
      terminal_.foreground() == container && drops_signal(container, news.typed_signal)) {
    children_.end_by(news.typed_signal);
  }
  if (news.output_failed == 0) return;
  // As if the container had written to stdout itself. Closing the master then makes the kernel send
  // SIGHUP, except to a first process.
  if (news.output_failed == EPIPE) forward(SIGPIPE);
  if (options_.command_is_first_process()) forward(SIGHUP);
  terminal_.hang_up();
}

// Forwards the signals that came before the container's process was known.
void Watch::forward_kept() {
  if (children_.container() == 0) return;
  for (int signal = signals_.take_kept(); signal != 0; signal = signals_.take_kept()) {
    forward(signal);
  }
}

// Reaps only our own children: nsrun may have been executed by a shell that had children (sh -c
// "job & exec nsrun ..."). If nsrun is the first process of a pid namespace, it also reaps orphans.
//
// Stages 1 and 2 are our children because of CLONE_PARENT. Stage 2 sends the pid line before it can
// end, so reading the messages first tells whose status it is.
void Watch::reap() {
  listen();
  constexpr Child kOurs[] = {Child::kStage0, Child::kStage1, Child::kContainer};
  for (const Child child : kOurs) {
    if (children_.reap(child)) note_end(child);
  }
  for (Child child = children_.reap_adopted(); child != Child::kNone;
       child = children_.reap_adopted()) {
    note_end(child);
  }
}

// If stage 0 has ended, its earlier messages tell which process is the container.
void Watch::note_end(Child child) {
  if (child != Child::kStage0) return;
  listen();
  if (!children_.set_up() && children_.container() != 0) {
    (void)sys::kill(children_.container(), SIGKILL);
  }
}

// Ends nsrun and the container, because something that an option asks for is not possible.
void Watch::abandon(const char* what, const char* object, sys::Errno error) {
  complain(what, object, error);
  children_.abandon();
  finish();
}

void Watch::give_up() {
  const char* const what = step_ == Step::kFileSystem  ? "build the file system"
                           : step_ == Step::kDirectory ? "--chdir"
                           : step_ == Step::kTerminal  ? "--tty"
                           : step_ == Step::kExecute   ? "execute COMMAND"
                                                       : "enter its namespaces";
  sys::ShortString reason;
  reason << "no answer for " << kPatience / 1'000'000'000 << " seconds; given up";
  complain("--join", what, reason.c_str());
  children_.abandon();
  finish();
}

void Watch::finish() {
  terminal_.restore();
  if (step_ != Step::kExecute) preparation_.pid_file.remove();  // COMMAND was never executed
  Cgroup& cgroup = preparation_.cgroup;
  const sys::Errno error = cgroup.remove();
  // Control groups that the container has created below it make this fail.
  if (!(error == 0) && !options_.reporting.quiet) {
    complain("--cgroup remove", cgroup.path(), error);
  }
  // Only if COMMAND was executed.
  if (options_.reporting.json_status_fd != nullptr && step_ == Step::kExecute) {
    (void)write_exit_code(parse_descriptor(options_.reporting.json_status_fd),
                          children_.exit_status());
  }
  sys::exit(children_.exit_status());
}

}  // namespace nsrun
