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

// The process that stays as the container's first process, and reaps.
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

// Ctrl-Z comes as SIGTSTP, which the kernel ignores in COMMAND's session (host/job_control.h).
void Init::pass_on(int signal) const {
  const bool is_for_job = signal == SIGTSTP || signal == SIGCONT;
  if (signal == SIGTSTP) signal = SIGSTOP;
  // Before COMMAND has its session, there is no such process group but only one process.
  if (!is_for_job || !sys::kill(-command_, signal)) (void)sys::kill(command_, signal);
}

void Init::reap() {
  for (;;) {
    const auto child = sys::wait(-1, WNOHANG);
    if (!child) sys::exit(kExitOwnError);  // COMMAND's own status cannot be read
    if (child.value().pid == 0) return;
    if (child.value().pid == command_) end(child.value().as_shell());
  }
}

// Reaps the processes that COMMAND has left behind; returns whether there are no more. As long as a
// child is left in COMMAND's process group, no other group can have its number.
bool Init::all_gone() const {
  for (;;) {
    const auto child = sys::wait(is_first_ ? -1 : -command_, WNOHANG);
    if (!child) return true;
    if (child.value().pid == 0) return false;
  }
}

// If this is the first process of a pid namespace, the kernel kills all others when it ends.
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
    // The time is up, or another signal asks to end at once.
    if (signal.error() == EAGAIN || (signal && signal.value() != SIGCHLD)) break;
  }
  if (!is_first_ && !all_gone()) (void)sys::kill(rest, SIGKILL);
  sys::exit(status);
}

}  // namespace

void become_init(const Options& options, Handover& handover) {
  handover.inherited.block(kAll);
  const sys::Pid init = sys::getpid();
  // Orphans of COMMAND then become children of this process, and not of a process outside.
  if (init != 1) (void)sys::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const sys::Pid command = check(sys::clone(SIGCHLD), kOption, "clone");
  if (command == 0) return start_session(options, handover, init);
  // Protects what is left of nsrun here from being looked at, and keeps nothing open.
  constexpr char kName[] = "nsrun-init";
  (void)sys::prctl(PR_SET_DUMPABLE, 0);
  (void)sys::prctl(PR_SET_NAME, kName);
  const int64_t grace = options.process.grace();
  erase_command_line(options.argv, kName);
  // Before close_range (Linux 5.9), closes at least the pipe: nsrun waits for its end.
  if (!sys::close_range(0, ~0U)) (void)sys::close(handover.init_pipe);
  Init(command, grace).run();
}

}  // namespace nsrun
