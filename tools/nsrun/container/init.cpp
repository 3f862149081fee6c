#include "tools/nsrun/container/init.h"

#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/terminal.h"

namespace nsrun {

namespace {

void start_session(const Options& options, sys::Pid init) {
  check(sys::setsid(), "--init", "setsid");
  if (options.process.tty) control_terminal();
  if (!options.process.die_with_parent) return;
  check(sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL)), "--die-with-parent");
  if (sys::getppid() != init) sys::exit(kExitOwnError);
}

}  // namespace

void become_init(const Options& options, Handover& handover) {
  const sys::SignalSet all = sys::SignalSet::all();
  handover.inherited.block(all);
  const sys::Pid init = sys::getpid();
  const sys::Pid command = check(sys::clone(SIGCHLD), "--init", "clone");
  if (command == 0) return start_session(options, init);
  // What is left of nsrun here is nobody's to look at, and holds nothing open.
  (void)sys::prctl(PR_SET_DUMPABLE, 0);
  (void)sys::prctl(PR_SET_NAME, "nsrun-init");
  // Without close_range (Linux 5.9) at least the pipe, at whose end nsrun is waiting.
  if (!sys::close_range(0, ~0U)) (void)sys::close(handover.init_pipe);
  for (;;) {
    const auto signal = sys::wait_signal(all);
    if (!signal) continue;
    if (signal.value() != SIGCHLD) {
      (void)sys::kill(command, signal.value());
      continue;
    }
    for (;;) {
      const auto child = sys::wait(-1, WNOHANG);
      if (!child) sys::exit(kExitOwnError);  // COMMAND's own status is not to be had
      if (child.value().pid == 0) break;
      if (child.value().pid == command) sys::exit(child.value().as_shell());
    }
  }
}

}  // namespace nsrun
