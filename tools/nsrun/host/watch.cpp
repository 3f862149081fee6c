#include "tools/nsrun/host/watch.h"

#include "syscalls/poll.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/configure.h"
#include "tools/nsrun/host/info.h"

namespace nsrun {

namespace {

// What a container that is joined may take to answer what is asked of its file systems: it can have
// made one that never does.
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

// Where the stages have failed before there was a pid line, the pipe ends with the last of them.
bool Watch::is_running() {
  return children_.any() ||
         (by_stages_ && !children_.container_is_known() && conversation_.pipe().is_open());
}

// Until something has happened, and then deals with it.
void Watch::wait() {
  // A negative fd is not looked at.
  sys::PollEntry entries[5] = {{signals_.get(), POLLIN, 0},
                               {log_.get(), POLLIN, 0},
                               {conversation_.pipe().get(), POLLIN, 0}};
  terminal_.prepare(entries + 3);
  check(wait_for_news({entries, 5}), "poll");
  if (entries[1].revents != 0) log_.print();
  if (entries[2].revents != 0) listen();
  if (terminal_.started()) terminal_.carry(entries + 3);
  if (entries[0].revents != 0) handle_signals();
}

// Of what a joined container is asked while it is entered, each can block, and FUSE is not even
// interrupted by a signal.
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
    if (news.kind == News::kTerminal) terminal_.start(conversation_.take_master());
  }
}

void Watch::take_pids(const Conversation::News& news) {
  children_.know(news.stage1, news.container);
  signals_.deliver(news.container);
  if (!options_.reporting.report) return;
  // The container waits for how the stub has sealed itself. Its record came before the pid line.
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
}

// To all who have asked for the pid, now that all namespaces are there.
void Watch::announce() {
  const ReportingOptions& reporting = options_.reporting;
  if (preparation_.pid_file.is_open()) {
    const auto written = preparation_.pid_file.write(children_.container());
    if (!written) abandon("--pid-file", reporting.pid_file, written.error());
  }
  if (reporting.info_fd != nullptr) {
    const auto written = write_info(parse_descriptor(reporting.info_fd), children_.container());
    if (!written) abandon("--info-fd", reporting.info_fd, written.error());
  }
  conversation_.pipe().send(kAnnounced);
}

// Before the container's process is known a signal is kept; after its end there is nobody to send
// it to.
void Watch::handle_signals() {
  for (int signal = signals_.next(); signal != 0; signal = signals_.next()) {
    if (signal == SIGCHLD) {
      reap();
    } else if (signal == SIGWINCH && terminal_.started()) {
      terminal_.resize();
    } else if (children_.container() != 0) {
      (void)sys::kill(children_.container(), signal);
    } else if (!children_.container_is_known()) {
      signals_.keep(signal);
    }
  }
}

// Only our own: whoever executed nsrun may have had children before (sh -c "job & exec nsrun ...").
// The first process of a pid namespace gets those of others, too, and is alone in reaping them.
// Stages 1 and 2 are ours thanks to CLONE_PARENT. Stage 2 has sent the pid line before it can have
// ended, so that what has come is read first, and its status finds its name.
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

// Stage 0 has ended: what it has sent before tells which process is the container.
void Watch::note_end(Child child) {
  if (child != Child::kStage0) return;
  listen();
  if (!children_.set_up() && children_.container() != 0) {
    (void)sys::kill(children_.container(), SIGKILL);
  }
}

// Ends, and the container with it: something that it was to have cannot be had.
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
  if (step_ != Step::kExecute) preparation_.pid_file.remove();  // the command has never been
  Cgroup& cgroup = preparation_.cgroup;
  const sys::Errno error = cgroup.remove();
  // What the container has made below it is not ours to remove.
  if (!(error == 0) && !options_.reporting.quiet) {
    complain("--cgroup remove", cgroup.path(), error);
  }
  sys::exit(children_.exit_status());
}

}  // namespace nsrun
