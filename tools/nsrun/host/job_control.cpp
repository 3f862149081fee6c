#include "tools/nsrun/host/job_control.h"

#include "syscalls/signals.h"

namespace nsrun {

namespace {

// COMMAND's process group. Before that group exists, COMMAND is a single process.
void send_to_group(sys::Pid leader, int signal) {
  if (leader == 0) return;
  if (!sys::kill(-leader, signal)) (void)sys::kill(leader, signal);
}

}  // namespace

void stop_container(sys::Pid container, bool has_init) {
  if (container != 0 && has_init) {
    (void)sys::kill(container, SIGTSTP);
  } else {
    send_to_group(container, SIGSTOP);
  }
}

void continue_container(sys::Pid container, bool has_init) {
  if (container != 0 && has_init) {
    (void)sys::kill(container, SIGCONT);
  } else {
    send_to_group(container, SIGCONT);
  }
}

void stop_here(bool group) {
  constexpr sys::SignalSet kStop = sys::SignalSet::of(SIGTSTP);
  (void)sys::kill(group ? 0 : sys::getpid(), SIGTSTP);
  (void)sys::signal_mask(SIG_UNBLOCK, kStop);  // the process stops here
  (void)sys::signal_mask(SIG_BLOCK, kStop);
}

}  // namespace nsrun
