#include <linux/auxvec.h>

#include "stub/environment.h"
#include "stub/nsexec.h"
#include "syscalls/file.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/command_line/capabilities.h"
#include "tools/nsrun/command_line/help.h"
#include "tools/nsrun/command_line/nearest.h"
#include "tools/nsrun/command_line/own_ids.h"
#include "tools/nsrun/command_line/shells.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/is_terminal.h"
#include "tools/nsrun/common/own_command_line.h"
#include "tools/nsrun/common/user_namespaces.h"
#include "tools/nsrun/host/arguments.h"
#include "tools/nsrun/host/launch.h"
#include "tools/nsrun/system/first_process.h"
#include "tools/nsrun/system/supervisor.h"

#ifndef NSEXEC_VERSION
#define NSEXEC_VERSION "unknown"
#endif

namespace nsrun {

namespace {

[[noreturn]] void print_and_exit(const char* text) {
  const bool printed = static_cast<bool>(write_waiting(1, sys::Text::of(text)));
  sys::exit(printed ? 0 : kExitOwnError);
}

[[noreturn]] void print_help_and_exit() {
  sys::FixedString<kHelpRoom> text;
  append_help(text);
  print_and_exit(text.c_str());
}

[[noreturn]] void refuse(const WrongOption& wrong) {
  // By its text, since not on every machine the sources share one array.
  if (!(sys::Text::of(wrong.reason) == kUnknownOption)) {
    fail(wrong.option, wrong.value, wrong.reason);
  }
  sys::FixedString<32> nearest;
  append_nearest_option(nearest, wrong.option);
  sys::FixedString<96> reason;
  reason << wrong.reason;
  if (nearest.text().empty()) {
    reason << " (see nsrun --help)";
  } else {
    reason << "; did you mean " << nearest.text() << "?";
  }
  fail(wrong.option, nullptr, reason.c_str());
}

// If the caller has closed a standard stream, the next file that nsrun opens would get its number,
// and messages would go into that file. So nsrun opens /dev/null in its place.
void fill_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (sys::fcntl(stream, F_GETFD)) continue;
    const auto null = sys::open("/dev/null", O_RDWR);  // gets the lowest number
    if (!null) return;
    sys::Fd fd = null.value();
    (void)sys::fcntl(fd.release(), F_SETFD);  // not closed at exec
  }
}

// An interactive shell needs a terminal of its own for job control, because the caller's terminal
// belongs to the caller's session. All three streams must be a terminal: --tty replaces all of
// them, and a redirected stream must stay as it is.
void give_shell_terminal(Options& options) {
  if (options.command == nullptr || options.process.tty || options.process.new_session) return;
  if (!is_interactive_shell(options.command)) return;
  options.process.tty = is_terminal(0) && is_terminal(1) && is_terminal(2);
  options.process.tty_may_lack = options.process.tty;
}

}  // namespace

}  // namespace nsrun

/// Called by arch/<arch>/program.S, each time with the same command line: as the parent before it
/// is sealed, as the parent after it is sealed, and, if the stub creates the container, as stage 0.
/// Stage 0 calls the stub from here, because the stub's configuration depends on the command line.
extern "C" [[noreturn, gnu::used]] void program_main(const unsigned long* initial_stack) {
  const stub::InitialStack stack(initial_stack);
  if (stack.auxiliary_value(AT_SECURE) != 0) {
    // The options give access to every file and namespace that nsrun's privileges allow. So nsrun
    // must have no more privileges than the caller.
    nsrun::fail("raised privileges", nullptr,
                "nsrun does not run set-user-ID, set-group-ID or with file capabilities: use sudo");
  }
  if (nsrun::is_system(stack)) nsrun::run_system(stack);
  if (!stub::is_init_process(stack)) nsrun::expand_arguments(stack);
  nsrun::Options options = nsrun::parse_options(stack.argv());
  if (options.namespaces.joins && stub::is_init_process(stack)) {
    // Processes in the joined container may see the stages, and the options may hold secrets.
    nsrun::hide_command_line(stack.argv());
    options = nsrun::parse_options(stack.argv());
  }
  nsrun::resolve_ids(options, static_cast<unsigned>(stack.auxiliary_value(AT_EUID)),
                     static_cast<unsigned>(stack.auxiliary_value(AT_EGID)));
  if (options.namespaces.try_user && nsrun::has_user_namespaces()) {
    options.namespaces.create |= CLONE_NEWUSER;
  }
  options.may_mount = (obtainable_capabilities(options) & nsrun::kMounting) != 0;
  // A container that runs as the host's root may trace a process whose user namespace belongs to
  // root (ptrace(2)), unless that process is not dumpable. COMMAND's execve(2) makes it dumpable
  // again.
  if (options.caller_is_root) (void)sys::prctl(PR_SET_DUMPABLE, 0);
  if (options.wrong.reason != nullptr) nsrun::refuse(options.wrong);
  if (options.help) nsrun::print_help_and_exit();
  if (options.version) nsrun::print_and_exit("nsrun " NSEXEC_VERSION "\n");
  if (options.supervise != nullptr) {
    nsrun::fill_standard_streams();
    nsrun::supervise(stack, options.supervise);
  }
  nsrun::give_shell_terminal(options);
  if (options.command == nullptr) nsrun::fail("COMMAND", nullptr, "missing (see nsrun --help)");
  if (stub::is_init_process(stack)) {
    struct nsexec_config config = nsexec_config;
    config.sealing[0] = options.seal;
    nsexec_blob(initial_stack, &config);
    nsrun::Handover handover(stack, options);
    nsrun::run_container(stack, options, handover);
  }
  nsrun::fill_standard_streams();
  nsrun::launch(stack, options);
}
