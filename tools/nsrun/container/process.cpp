#include "tools/nsrun/container/process.h"

#include <linux/seccomp.h>

#include "syscalls/ids.h"
#include "syscalls/poll.h"
#include "syscalls/system.h"
#include "tools/nsrun/command_line/capabilities.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/terminal.h"

namespace nsrun {

using sys::Text;

void set_limits_and_names(const Options& options) {
  if (options.process.hostname != nullptr) {
    check(sys::sethostname(Text::of(options.process.hostname)), "--hostname",
          options.process.hostname);
  }
  if (options.process.domainname != nullptr) {
    check(sys::setdomainname(Text::of(options.process.domainname)), "--domainname",
          options.process.domainname);
  }
  if (options.process.nice != nullptr) {
    const char* cursor = options.process.nice;
    const int nice = static_cast<int>(sys::take_signed_decimal(cursor, 20).value);
    check(sys::set_nice(nice), "--nice", options.process.nice);
  }
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    ResourceLimit limit;
    if (option.id != OptionId::kRlimit || !parse_resource_limit(option.value, limit)) continue;
    check(sys::set_resource_limits(limit.resource, {limit.soft, limit.hard}), option.name,
          option.value);
  }
}

namespace {

void set_ids(const char* text) {
  UserIds ids;
  (void)parse_user(text, ids);
  const auto set = sys::setgroups({ids.groups, ids.group_count});
  // A user namespace that a user has made may not drop groups either.
  const bool denied = set.error() == EPERM && ids.group_count == 0;
  if (!denied) check(set, "--user setgroups", text);
  check(sys::setgid(ids.gid), "--user setgid", text);
  check(sys::setuid(ids.uid), "--user setuid", text);
}

}  // namespace

void set_identity(const Options& options, const Joined& joined) {
  const Capabilities wanted =
      wanted_capabilities(options, joined.capabilities & default_capabilities(options));
  if (wanted != kAllCapabilities) bound_capabilities(wanted);
  if (options.identity.user == nullptr) {
    set_capabilities(wanted, 0);
  } else {
    // Or they would be gone with the last id that is 0.
    check(sys::prctl(PR_SET_KEEPCAPS, 1), "PR_SET_KEEPCAPS");
    set_ids(options.identity.user);
    const bool is_root = sys::geteuid() == 0;
    const Capabilities added = added_capabilities(options) & wanted;
    set_capabilities(is_root ? wanted : added, is_root ? 0 : added);
  }
  const bool like_target = joined.no_new_privs && added_capabilities(options) != kAllCapabilities;
  if (!options.rights.new_privs || like_target) {
    check(sys::prctl(PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS");
  }
}

SeccompFilter::SeccompFilter(const Options& options) {
  if (options.rights.seccomp == nullptr) return;
  constexpr size_t kInstruction = 8;             // struct sock_filter, <linux/filter.h>
  constexpr size_t kMost = 4096 * kInstruction;  // BPF_MAXINSNS
  const char* cursor = options.rights.seccomp;
  const int fd = static_cast<int>(sys::take_decimal(cursor, __INT_MAX__).value);
  check(instructions_.map_private(kMost + 1), "mmap", "--seccomp");
  size_ = check(sys::read_fully(fd, instructions_.bytes()), "--seccomp", options.rights.seccomp);
  if (size_ > kMost) fail("--seccomp", options.rights.seccomp, "more than 4096 instructions");
  if (size_ == 0 || size_ % kInstruction != 0)
    fail("--seccomp", options.rights.seccomp, "not a filter");
  (void)sys::close(fd);
}

void SeccompFilter::install() const {
  if (size_ == 0) return;
  // struct sock_fprog, <linux/filter.h>.
  const struct {
    unsigned short length;
    const void* filter;
  } program = {static_cast<unsigned short>(size_ / 8), instructions_.data()};
  check(sys::prctl(PR_SET_SECCOMP, static_cast<unsigned long>(SECCOMP_MODE_FILTER),
                   reinterpret_cast<unsigned long>(&program)),
        "--seccomp");
}

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

void end_by_pending_signal(const InheritedSignals& inherited) {
  // Of all others the default action is to end the process (signal(7)).
  sys::SignalSet ending = inherited.unblocked();
  constexpr int kHarmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU};
  for (const int harmless : kHarmless) ending = ending.without(harmless);
  for (;;) {
    const auto signal = sys::take_pending_signal(ending);
    if (!signal) return;
    const auto action = sys::signal_action(signal.value());
    const bool ignored = action && action.value().handler == InheritedSignals::kIgnore;
    if (!ignored) sys::exit(128 + signal.value());
  }
}

void die_with_parent(int socket) {
  check(sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL)), "--die-with-parent");
  sys::PollEntry entry{socket, 0, 0};
  const auto asked = check(sys::poll_for({&entry, 1}, 0), "--die-with-parent", "poll");
  if (asked != 0) sys::exit(kExitOwnError);  // POLLHUP: its end is closed
}

}  // namespace nsrun
