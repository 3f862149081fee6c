#include "stub/environment.h"
#include "syscalls/ids.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/ids.h"
#include "tools/nsrun/container/joined_ids.h"

namespace nsrun {

using sys::Text;

namespace {

// Reads what the parent sends, up to the end of the line.
void read_line(int fd, sys::StringBuilder& line) {
  unsigned char c = 0;
  for (;;) {
    const auto size = sys::read(fd, {&c, 1});
    if (!size || size.value() == 0 || c == '\n') return;
    const char character = static_cast<char>(c);
    line << Text(&character, 1);
  }
}

}  // namespace

Handover::Handover(const stub::InitialStack& stack, const Options& options) {
  const stub::Environment own = stub::read_environment(stack);
  init_pipe = own.init_pipe;
  log_pipe = own.log_pipe;
  const char* cursor = stack.variable(kStartVariable);
  start = static_cast<int64_t>(sys::take_decimal(cursor, __INT64_MAX__ / 100).value);
  by_stages = !options.needs_no_outer();
  // The stub does not change the ids if 0 is not mapped.
  is_root = by_stages && (options.has_outer() || !options.lacks_root());
  outside << kOutsideVariable << "=" << stack.variable(kOutsideVariable);
  inherited.read(stack.variable(kSignalsVariable));
  if (options.namespaces.joins_any()) joined.read(stack.variable(kJoinedVariable));
  if (options.files.id_mapped) mounts = parse_descriptor(stack.variable(kMountsVariable));
  check(sys::fcntl(init_pipe, F_SETFD, FD_CLOEXEC), "fcntl", "init pipe");
  if (options.reporting.report) read_line(init_pipe, seal);
}

bool Handover::needs_dumpable(const Options& options) const {
  const bool changes_ids = options.own_uid.outside != options.caller_uid;
  return by_stages && (options.namespaces.joins_any() || changes_ids);
}

void Handover::announce(const Options& options) const {
  if (!options.announces()) return;
  tell(options, Step::kAnnounce);
  for (char answer = 0; answer != kAnnounced[0];) {
    const auto size = sys::read(init_pipe, {reinterpret_cast<unsigned char*>(&answer), 1});
    if (check(size, "read", "init pipe") == 0) {
      sys::exit(kExitOwnError);  // the parent has reported why
    }
  }
}

void Handover::tell(const Options& options, Step step) const {
  // A container that is not joined has no files that could block, except those that the caller
  // asked for.
  const bool for_pid_file =
      step == Step::kAnnounce || step == Step::kExecute || step == Step::kNotExecuted;
  const bool waited_for = step == Step::kUserNamespace || (for_pid_file && options.announces());
  if (!options.namespaces.joins && !waited_for) return;
  const char byte = static_cast<char>(step);
  const auto sent = sys::send_fully(init_pipe, {&byte, 1});
  // The answer to these two is waited for. For the others, an error means that the parent has
  // ended.
  if (step == Step::kUserNamespace || step == Step::kAnnounce) check(sent, "sendto", "init pipe");
}

void Handover::become_root(const Options& options) {
  if (is_root) return;
  unsigned char word = 0;
  if (!by_stages) {
    const size_t size = check(sys::read(init_pipe, {&word, 1}), "read", "init pipe");
    if (size == 0) sys::exit(kExitOwnError);  // the parent has failed and reported why
  }
  // All capabilities stay: either this process is root, or no id is root here (capabilities(7),
  // "Effect of user ID changes on capabilities").
  const bool outer = options.has_outer();  // the outer one always maps 0
  const unsigned uid = outer ? 0 : options.own_uid.inside;
  const unsigned gid = outer ? 0 : options.own_gid.inside;
  become(uid, gid);
  const auto set = sys::setgroups({});
  // setgroups(2) may be denied in the user namespace that nsrun itself is in (user_namespaces(7)).
  if (!(set.error() == EPERM)) check(set, "setgroups", "(none)");
  is_root = true;
}

void Joined::read(const char* variable) {
  if (*variable == '\0') return;
  const auto next = [&] {
    const sys::Number number = sys::take_decimal(variable, 0xffffffff);
    if (*variable == ',') ++variable;
    return number;
  };
  const auto high = static_cast<uint64_t>(next().value);
  capabilities = high << 32 | static_cast<uint64_t>(next().value);
  no_new_privs = next().value != 0;
  mounts = next().value != 0;
  environment = static_cast<int>(next().value);
  root = static_cast<int>(next().value);
  directory = static_cast<int>(next().value);
  const sys::Number process = next();
  take_mapped_ids(process.valid ? static_cast<int>(process.value) : -1);
  for (sys::Number fd = process; fd.valid; fd = next()) {
    (void)sys::close(static_cast<int>(fd.value));
  }
}

}  // namespace nsrun
