// nsexec_parent_start(): executes the program and sends the message to it.
#include "parent/container.h"
#include "stub/dialect.h"
#include "stub/procfs.h"
#include "syscalls/file.h"
#include "syscalls/memory.h"
#include "syscalls/signals.h"
#include "syscalls/sockets.h"

namespace parent {

namespace {

using sys::Errno;
using sys::Text;

constexpr char kPrefix[] = "_LIBCONTAINER_";
constexpr int kVariables = 5;

// Whether `line` sets one of the variables that the library omits from the caller's list: those
// that it sets itself. CLONED_BINARY, which tells the stub that its program is sealed, is also
// omitted if it is not: a caller in a container has inherited it.
bool is_ours(const char* line) {
  constexpr char kNames[] = "INITPIPE=\0LOGPIPE=\0LOGLEVEL=\0MOUNT_FDS=\0CLONED_BINARY=\0";
  const Text text = Text::of(line);
  if (!text.starts_with(kPrefix)) return false;
  for (const char* name = kNames; *name != '\0'; name += sys::length(name) + 1) {
    if (text.from(sizeof kPrefix - 1).starts_with(Text::of(name))) return true;
  }
  return false;
}

// The environment of the program: the stub's variables in front of the caller's.
class Environment {
 public:
  sys::Result<void> build(const nsexec_program& program, const nsexec_message& message,
                          int init_pipe, int log_pipe) {
    size_t count = 0;
    while (program.environment != nullptr && program.environment[count] != nullptr) ++count;
    const size_t pointers = (count + kVariables + 1) * sizeof(char*);
    // A number and a comma for each mount source.
    const size_t text = 256 + message.mount_source_count * 12;
    if (const auto mapped = memory_.map_private(pointers + text); !mapped) return mapped;
    lines_ = reinterpret_cast<const char**>(memory_.data());
    sys::StringBuilder out({reinterpret_cast<char*>(memory_.data()) + pointers, text});
    add_number(out, "INITPIPE=", init_pipe);
    add_number(out, "LOGPIPE=", log_pipe);
    const int level = program.log_level;
    add_number(out, "LOGLEVEL=", level < NSEXEC_LEVEL_FATAL ? int{NSEXEC_LEVEL_FATAL} : level);
    // Where the kernel cannot prove the seal (before Linux 6.17), the stub believes this.
    if (program.sealed_fd != 0) add_number(out, "CLONED_BINARY=", 1);
    if (message.mount_source_count != 0) add_mount_fds(out, message);
    for (size_t i = 0; i < count; ++i) {
      if (!is_ours(program.environment[i])) add(program.environment[i]);
    }
    return {};
  }
  [[nodiscard]] const char* const* lines() const { return lines_; }

 private:
  void add(const char* line) { lines_[size_++] = line; }

  // All lines are in one text, each with its NUL.
  void add_number(sys::StringBuilder& out, const char* name, int value) {
    add(out.text().end());
    out << kPrefix << name << value << Text("\0", 1);
  }
  void add_mount_fds(sys::StringBuilder& out, const nsexec_message& message) {
    add(out.text().end());
    out << kPrefix << "MOUNT_FDS=";
    for (size_t i = 0; i < message.mount_source_count; ++i) {
      const nsexec_mount_source& source = message.mount_sources[i];
      const bool given = source.path != nullptr && *source.path != '\0';
      out << (i == 0 ? "[" : ",") << (given ? source.fd : -1);
    }
    out << "]" << Text("\0", 1);
  }

  sys::Mapping memory_;
  const char** lines_ = nullptr;
  size_t size_ = 0;
};

// The new process until it executes the program. It runs in the caller's memory (vfork(2)), with
// all signals blocked.
class Child {
 public:
  Child(const nsexec_program& program, const sys::FileStatus& sealed, const char* path,
        const Environment& environment, int init_pipe, int log_pipe, sys::SignalSet mask)
      : program_(program),
        sealed_(sealed),
        path_(path),
        environment_(environment),
        pipes_{init_pipe, log_pipe},
        mask_(mask) {}

  [[noreturn]] void run() const {
    error_ = execute().number;
    sys::exit(127);
  }
  [[nodiscard]] Errno error() const { return {error_}; }

 private:
  Errno execute() const {
    // Otherwise a signal handler could run here and change the caller's memory.
    constexpr int kSignals = 64;
    for (int signal = 1; signal <= kSignals; ++signal) {
      const auto action = sys::signal_action(signal);
      if (action && action.value().handler > sys::SignalAction::kIgnore) {
        (void)sys::reset_signal(signal);
      }
    }
    (void)sys::signal_mask(SIG_SETMASK, mask_);
    // Stage 1 becomes another child of the caller in the same group. So it can be reaped even if
    // its pid is not known.
    (void)sys::lead_process_group();
    for (const int fd : pipes_) {
      if (const auto kept = sys::fcntl(fd, F_SETFD); !kept) return kept.error();
    }
    for (size_t i = 0; i < program_.keep_open_count; ++i) {
      if (const auto kept = sys::fcntl(program_.keep_open[i], F_SETFD); !kept) return kept.error();
    }
    if (program_.before_exec != nullptr) {
      const int answer = program_.before_exec(program_.context);
      if (answer != 0) return {answer < 0 ? -answer : ECANCELED};
      // It may have put another file there, which would be executed without having been checked.
      if (program_.sealed_fd != 0 && !is_same_program()) return {EBADF};
    }
    const char* const by_default[] = {program_.path, "init", nullptr};
    return sys::execve(path_, program_.argv == nullptr ? by_default : program_.argv,
                       environment_.lines());
  }

  [[nodiscard]] bool is_same_program() const {
    sys::FileStatus now;
    return sys::stat(program_.sealed_fd, "", AT_EMPTY_PATH, now) && sys::same_file(sealed_, now);
  }

  const nsexec_program& program_;
  const sys::FileStatus& sealed_;
  const char* path_;  // of the file to execute
  const Environment& environment_;
  int pipes_[2];
  sys::SignalSet mask_;
  mutable volatile int error_ = 0;
};

// The encoded message, in memory of its own.
class Encoded {
 public:
  long encode(const nsexec_message& message) {
    const long size = nsexec_parent_encode(&message, nullptr, 0);
    if (size < 0) return size;
    const auto mapped = memory_.map_private(static_cast<size_t>(size));
    if (!mapped) return -mapped.error().number;
    (void)nsexec_parent_encode(&message, memory_.data(), memory_.size());
    return 0;
  }
  [[nodiscard]] Text text() const {
    return {reinterpret_cast<const char*>(memory_.data()), memory_.size()};
  }

 private:
  sys::Mapping memory_;
};

int start(nsexec_container& container, const nsexec_program& program,
          const nsexec_message& message) {
  // 1. Check the file and the message before anything is started.
  const stub::FdPath sealed(program.sealed_fd);
  const char* const path = program.sealed_fd == 0 ? program.path : sealed.c_str();
  if (program.unchecked == 0) {
    const int checked = nsexec_parent_check(path);
    if (checked == -ENOEXEC) {
      sys::StringBuilder text({container.failure, sizeof container.failure});
      text << program.path << ": nsexec-stub is not in front of this program: ENOEXEC";
      return checked;
    }
    if (checked < 0) return fail(container, "open", path, {-checked});
  }
  sys::FileStatus status{};
  if (program.sealed_fd != 0) {
    const auto asked = sys::stat(program.sealed_fd, "", AT_EMPTY_PATH, status);
    if (!asked) return fail(container, "fstat", path, asked.error());
  }
  Encoded encoded;
  if (const long done = encoded.encode(message); done < 0) {
    return fail(container, "encode", "the message", {static_cast<int>(-done)});
  }
  // 2. Create the pipes, and the variables that name them.
  sys::SocketPair init;
  if (const auto made = init.open(SOCK_STREAM); !made) {
    return fail(container, "socketpair", nullptr, made.error());
  }
  sys::Pipe log;
  if (const auto made = log.open(O_CLOEXEC); !made) {
    return fail(container, "pipe2", nullptr, made.error());
  }
  sys::Fd* const fds[] = {&init.first, &init.second, &log.reader, &log.writer};
  for (sys::Fd* fd : fds) {
    if (const auto moved = move_above_streams(*fd); !moved) {
      return fail(container, "fcntl", "descriptor", moved.error());
    }
  }
  if (const auto made = sys::fcntl(log.reader.get(), F_SETFL, O_NONBLOCK); !made) {
    return fail(container, "fcntl", "log pipe", made.error());
  }
  Environment environment;
  const auto built = environment.build(program, message, init.second.get(), log.writer.get());
  if (!built) return fail(container, "mmap", "environment", built.error());
  // 3. Start stage 0. The caller's signals stay blocked until the child has memory of its own.
  const auto mask = sys::signal_mask(SIG_SETMASK, sys::SignalSet::all());
  if (!mask) return fail(container, "rt_sigprocmask", nullptr, mask.error());
  const Child child(program, status, path, environment, init.second.get(), log.writer.get(),
                    mask.value());
  const auto pid = sys::clone_to_execute([&] { child.run(); });
  (void)sys::signal_mask(SIG_SETMASK, mask.value());
  if (!pid) return fail(container, "clone", nullptr, pid.error());
  container.stage0 = pid.value();
  if (!(child.error() == 0)) {
    (void)reap(container.stage0);
    return fail(container, "execute", program.path, child.error());
  }
  // 4. Send the message. The caller must first close its own copies of the stub's ends. Otherwise
  //    it would not see that the stub has closed them.
  init.second.reset();
  log.writer.reset();
  container.init_pipe = init.first.release();
  container.log_pipe = log.reader.release();
  // If the stub has already failed, nsexec_parent_read_pids() reports it.
  (void)sys::send_fully(container.init_pipe, encoded.text());
  return 0;
}

}  // namespace

}  // namespace parent

extern "C" int nsexec_parent_start(struct nsexec_container* container,
                                   const struct nsexec_program* program,
                                   const struct nsexec_message* message) {
  __builtin_memset(container, 0, sizeof *container);
  container->pidfd = container->init_pipe = container->log_pipe = -1;
  container->on_record_ = program->on_record;
  container->context_ = program->context;
  // Where it is not awaited the program would read it.
  const stub::Config config{static_cast<uint32_t>(program->dialect), {}, {}};
  const bool is_awaited =
      stub::dialect_of(config).cgroup_namespace == stub::Dialect::CgroupNamespace::kLastWhenToldTo;
  container->awaits_byte_ = is_awaited && (message->clone_flags & CLONE_NEWCGROUP) != 0 ? 1 : 0;
  return parent::start(*container, *program, *message);
}
