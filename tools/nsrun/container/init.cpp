#include "tools/nsrun/container/init.h"

#include "syscalls/poll.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/own_command_line.h"
#include "tools/nsrun/container/terminal.h"

namespace nsrun {

namespace {

constexpr char kOption[] = "--init";
constexpr sys::SignalSet kAll = sys::SignalSet::all();

void start_session(const Options& options, const Handover& handover, sys::Pid init) {
  check(sys::setsid(), kOption, "setsid");
  if (handover.has_terminal) control_terminal();
  if (!options.process.die_with_parent) return;
  check(sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL)), "--die-with-parent");
  if (sys::getppid() != init) sys::exit(kExitOwnError);
}

// The process that stays, and reaps.
class Init {
 public:
  Init(sys::Pid command, int64_t grace) : command_(command), grace_(grace) {}
  [[noreturn]] void run();

 private:
  void pass_on(int signal) const;
  void reap();
  [[noreturn]] void end(int status) const;
  [[nodiscard]] bool all_gone() const;

  const bool is_first_ = sys::getpid() == 1;  // of a pid namespace
  sys::Pid command_;
  int64_t grace_;  // nanoseconds
};

void Init::run() {
  for (;;) {
    const auto signal = sys::wait_signal(kAll);
    if (!signal) continue;
    if (signal.value() == SIGCHLD) {
      reap();
    } else {
      pass_on(signal.value());
    }
  }
}

// Ctrl-Z comes as SIGTSTP, and the kernel ignores that in COMMAND's session (host/job_control.h).
void Init::pass_on(int signal) const {
  const bool is_for_job = signal == SIGTSTP || signal == SIGCONT;
  if (signal == SIGTSTP) signal = SIGSTOP;
  // As long as COMMAND has no session yet it is alone.
  if (!is_for_job || !sys::kill(-command_, signal)) (void)sys::kill(command_, signal);
}

void Init::reap() {
  for (;;) {
    const auto child = sys::wait(-1, WNOHANG);
    if (!child) sys::exit(kExitOwnError);  // COMMAND's own status is not to be had
    if (child.value().pid == 0) return;
    if (child.value().pid == command_) end(child.value().as_shell());
  }
}

// Reaps those that COMMAND has left behind. Of a process group that still has a child of ours the
// number is no other group's.
bool Init::all_gone() const {
  for (;;) {
    const auto child = sys::wait(is_first_ ? -1 : -command_, WNOHANG);
    if (!child) return true;
    if (child.value().pid == 0) return false;
  }
}

// With the first process of a pid namespace the kernel ends all others.
void Init::end(int status) const {
  const sys::Pid rest = is_first_ ? -1 : -command_;
  int64_t limit = 0;
  while (grace_ != 0 && !all_gone()) {
    if (limit == 0) {
      limit = sys::nanoseconds(CLOCK_MONOTONIC) + grace_;
      (void)sys::kill(rest, SIGTERM);
      (void)sys::kill(rest, SIGCONT);
    }
    const int64_t left = limit - sys::nanoseconds(CLOCK_MONOTONIC);
    const auto signal = sys::wait_signal_for(kAll, left < 0 ? 0 : left);
    // Time is up, or somebody is in a hurry.
    if (signal.error() == EAGAIN || (signal && signal.value() != SIGCHLD)) break;
  }
  if (!is_first_ && !all_gone()) (void)sys::kill(rest, SIGKILL);
  sys::exit(status);
}

}  // namespace

void become_init(const Options& options, Handover& handover) {
  handover.inherited.block(kAll);
  const sys::Pid init = sys::getpid();
  // Otherwise what COMMAND leaves behind would come to somebody outside.
  if (init != 1) (void)sys::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const sys::Pid command = check(sys::clone(SIGCHLD), kOption, "clone");
  if (command == 0) return start_session(options, handover, init);
  // What is left of nsrun here is nobody's to look at, and holds nothing open.
  constexpr char kName[] = "nsrun-init";
  (void)sys::prctl(PR_SET_DUMPABLE, 0);
  (void)sys::prctl(PR_SET_NAME, kName);
  const int64_t grace = options.process.grace();
  erase_command_line(options.argv, kName);
  // Without close_range (Linux 5.9) at least the pipe, at whose end nsrun is waiting.
  if (!sys::close_range(0, ~0U)) (void)sys::close(handover.init_pipe);
  Init(command, grace).run();
}

}  // namespace nsrun
