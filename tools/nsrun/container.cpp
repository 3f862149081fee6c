#include "stub/environment.h"
#include "syscalls/poll.h"
#include "syscalls/system.h"
#include "tools/nsrun/error.h"
#include "tools/nsrun/nsrun.h"
#include "tools/nsrun/rootfs.h"

namespace nsrun {

using sys::Text;

namespace {

// What the command sees of the environment: all but the variables between parent and stub, which
// are overwritten where they stand, on our own initial stack.
class CommandEnvironment {
 public:
  CommandEnvironment(const stub::InitialStack& stack, bool report, int64_t now, Text seal) {
    if (report) {
      sealed_ << kSealedVariable << "=" << seal;
      const char* cursor = stack.variable(kStartVariable);
      const int64_t start = sys::take_decimal(cursor, __INT64_MAX__ / 100).value;
      setup_ << kSetupVariable << "=" << now / 1000 - start;
    }
    auto** entries = const_cast<const char**>(stack.environment());
    const char** next = entries;
    for (const char** entry = entries; *entry != nullptr; ++entry) {
      const Text text = Text::of(*entry);
      if (text.starts_with("_LIBCONTAINER_")) continue;
      if (text.starts_with("NSRUN_OUTSIDE=") && !report) continue;
      if (!text.starts_with("NSRUN_START_US=")) {
        *next++ = *entry;
      } else if (report) {
        *next++ = setup_.c_str();
        *next++ =
            sealed_.c_str();  // in the place of a variable of the stub's that has been left out
      }
    }
    *next = nullptr;
    entries_ = entries;
  }

  [[nodiscard]] const char* const* entries() const { return entries_; }

 private:
  sys::FixedString<48> setup_;
  sys::ShortString sealed_;
  const char* const* entries_ = nullptr;
};

// What the parent tells, up to the end of the line.
void read_line(int fd, sys::StringBuilder& line) {
  unsigned char c = 0;
  for (;;) {
    const auto size = sys::read(fd, {&c, 1});
    if (!size || size.value() == 0 || c == '\n') return;
    const char character = static_cast<char>(c);
    line << Text(&character, 1);
  }
}

// execvp(3): a name without a slash is looked for in PATH.
sys::Errno execute(const char* const* command, const char* path, const char* const* environment) {
  const char* name = command[0];
  if (*name == '\0' || Text::of(name).contains('/')) {
    return sys::execve(name, command, environment);
  }
  sys::Errno result{ENOENT};
  for (sys::Splitter directories(Text::of(path), ':'); directories.more();) {
    sys::Path file;
    file << directories.next() << "/" << name;
    const sys::Errno error = sys::execve(file.c_str(), command, environment);
    // What is there but cannot be executed is better news than what is not there.
    if (!(error == ENOENT) && !(error == ENOTDIR)) result = error;
  }
  return result;
}

}  // namespace

void run_container(const stub::InitialStack& stack, const Options& options) {
  const int64_t now = sys::nanoseconds(CLOCK_REALTIME);
  const stub::Environment own = stub::read_environment(stack);
  sys::ShortString seal;
  if (options.report) read_line(own.init_pipe, seal);
  (void)sys::close(own.init_pipe);
  (void)sys::close(own.log_pipe);

  const unsigned created = options.namespaces_to_create();
  const bool has_mounts = (created & CLONE_NEWNS) != 0;
  if (has_mounts) make_mounts_private();
  if (options.hostname != nullptr) {
    check(sys::sethostname(Text::of(options.hostname)), "--hostname", options.hostname);
  }
  if (options.rootfs != nullptr) {
    enter_rootfs(options.rootfs);
  } else if (has_mounts && (created & CLONE_NEWPID) != 0) {
    mount_fresh_proc();
  }

  const char* path = stack.find_variable("PATH");
  const CommandEnvironment environment(stack, options.report, now, seal.text());
  const sys::Errno error =
      execute(options.command, path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path,
              environment.entries());
  complain("execute", options.command[0], error);
  sys::exit(error == ENOENT || error == ENOTDIR ? kExitNotFound : kExitCannotExecute);
}

}  // namespace nsrun
