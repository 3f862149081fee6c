#include "tools/nsrun/container/process.h"

#include "syscalls/ids.h"
#include "syscalls/poll.h"
#include "syscalls/system.h"
#include "tools/nsrun/command_line/limits.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/capabilities.h"
#include "tools/nsrun/container/ids.h"

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
  set_limits(options, Limits::kBoth);
}

namespace {

void check_mapped(sys::Result<void> set, const char* user, const char* what) {
  if (!(set.error() == EINVAL)) return check(set, "--user", user);
  sys::FixedString<128> reason;
  reason << what << " is not mapped in the user namespace";
  fail("--user", user, reason.c_str());
}

void set_ids(const char* text) {
  UserIds ids;
  (void)parse_user(text, ids);
  const auto set = sys::setgroups({ids.groups, ids.group_count});
  // A user namespace that an ordinary user has created may not drop groups either.
  const bool denied = set.error() == EPERM && ids.group_count == 0;
  if (set.error() == EPERM && !denied) {
    fail("--user", text, "groups cannot be set in this user namespace (with --map-auto they can)");
  }
  if (!denied) check_mapped(set, text, "a group id");
  check_mapped(sys::setgid(ids.gid), text, "the group id");
  check_mapped(sys::setuid(ids.uid), text, "the user id");
  set_dumpable(false);
}

// Drops the caller's groups, if this could not be done before: for an ordinary user, in a user
// namespace that allows it.
void drop_groups(const Options& options) {
  const bool may_have_some = options.namespaces.joins_any() || options.identity.map_auto ||
                             options.identity.gid_map != nullptr;
  if (!options.caller_is_root && may_have_some) (void)sys::setgroups({});
}

}  // namespace

void set_identity(const Options& options, const Joined& joined) {
  const Capabilities wanted =
      wanted_capabilities(options, joined.capabilities & default_capabilities(options));
  if (wanted != kAllCapabilities) bound_capabilities(wanted);
  bool may_be_user = options.lacks_root() || options.namespaces.joins_any();
  if (options.identity.user == nullptr) {
    drop_groups(options);
  } else {
    // Without this, the change to a user id other than 0 would clear all capabilities.
    check(sys::prctl(PR_SET_KEEPCAPS, 1), "PR_SET_KEEPCAPS");
    set_ids(options.identity.user);
    may_be_user = true;
  }
  const bool is_root = !may_be_user || sys::geteuid() == 0;
  const Capabilities added = added_capabilities(options) & wanted;
  set_capabilities(is_root ? wanted : added, is_root ? 0 : added);
  const bool like_target = joined.no_new_privs && added_capabilities(options) != kAllCapabilities;
  if (!options.rights.new_privs || like_target) {
    check(sys::prctl(PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS");
  }
}

void end_by_pending_signal(const InheritedSignals& inherited) {
  sys::SignalSet ending = inherited.unblocked();
  for (int signal = 1; signal <= 64; ++signal) {
    if (!ends_by_default(signal)) ending = ending.without(signal);
  }
  for (;;) {
    const auto signal = sys::take_pending_signal(ending);
    if (!signal) return;
    const auto action = sys::signal_action(signal.value());
    const bool ignored = action && action.value().handler == sys::SignalAction::kIgnore;
    if (!ignored) sys::exit(128 + signal.value());
  }
}

void die_with_parent(int socket) {
  check(sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL)), "--die-with-parent");
  sys::PollEntry entry{socket, 0, 0};
  const auto asked = check(sys::poll_for({&entry, 1}, 0), "--die-with-parent", "poll");
  if (asked != 0) sys::exit(kExitOwnError);  // POLLHUP: the parent has closed its end
}

}  // namespace nsrun
