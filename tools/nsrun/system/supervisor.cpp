#include "tools/nsrun/system/supervisor.h"

#include <linux/reboot.h>

#include "syscalls/file.h"
#include "syscalls/mount.h"
#include "syscalls/poll.h"
#include "syscalls/system.h"
#include "tools/nsrun/command_line/config.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/mapped.h"
#include "tools/nsrun/common/signals.h"

namespace nsrun {

using sys::Fd;
using sys::Pid;
using sys::Text;

namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kFirstBackOff = kSecond / 10;
constexpr int64_t kLongestBackOff = 10 * kSecond;
// Whoever has run for so long starts again at once, or nearly so.
constexpr int64_t kLongEnough = 10 * kSecond;
// Between SIGTERM and SIGKILL.
constexpr int64_t kPatience = 5 * kSecond;
constexpr int64_t kNever = -1;

// Of what a container says. A longer line comes in pieces, each behind the container's name.
constexpr size_t kLongestPiece = 1024;
constexpr size_t kLongestName = 64;  // as Config has it

constexpr char kConfig[] = "/etc/nsrun.conf";

void complain_about_line(const char* file, unsigned line, const char* reason) {
  sys::FixedString<512> place;
  place << file << ":" << static_cast<int64_t>(line);
  complain(place.c_str(), nullptr, reason);
}

// A container that is to be kept running, and what it says.
class Supervised {
 public:
  /// `line` is memory to put a line together in.
  void configure(const ContainerConfig& config, sys::Span<char> line) {
    config_ = &config;
    line_ = line;
  }

  void start(const char* const* environment, const InheritedSignals& inherited);
  /// Its nsrun has ended: whether to start it again, and when.
  void ended(const sys::ChildStatus& child, bool stopping);
  /// Prints what it has said, line by line, behind its name.
  void print();
  /// Prints the rest, until there is no more.
  void print_rest();
  void signal(int signal) const {
    if (pid_ != 0) (void)sys::kill(pid_, signal);
  }

  [[nodiscard]] Pid pid() const { return pid_; }
  [[nodiscard]] int output() const { return output_.get(); }
  [[nodiscard]] int status() const { return status_; }
  /// CLOCK_MONOTONIC nanoseconds of its next start, or kNever.
  [[nodiscard]] int64_t next_start() const { return next_start_; }
  void forget_next_start() { next_start_ = kNever; }

 private:
  [[noreturn]] void become(int writer, const char* const* environment,
                           const InheritedSignals& inherited) const;
  void print_line(Text line) const;

  const ContainerConfig* config_ = nullptr;
  sys::Span<char> line_;
  Pid pid_ = 0;
  Fd output_;
  int status_ = 0;
  int64_t started_ = 0;
  int64_t next_start_ = 0;
  int64_t back_off_ = kFirstBackOff;
  size_t size_ = 0;
  char buffer_[kLongestPiece];
};

void Supervised::become(int writer, const char* const* environment,
                        const InheritedSignals& inherited) const {
  (void)sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
  const Fd null = check(sys::openat(AT_FDCWD, "/dev/null", O_RDONLY), "open", "/dev/null");
  check(sys::dup3(null.get(), 0, 0), "dup3");
  check(sys::dup3(writer, 1, 0), "dup3");
  check(sys::dup3(writer, 2, 0), "dup3");
  inherited.restore();
  fail("execve", "/proc/self/exe", sys::execve("/proc/self/exe", config_->argv, environment));
}

void Supervised::start(const char* const* environment, const InheritedSignals& inherited) {
  next_start_ = kNever;
  started_ = sys::nanoseconds(CLOCK_MONOTONIC);
  sys::Pipe pipe;
  check(pipe.open(O_CLOEXEC), config_->name, "pipe2");
  pid_ = check(sys::clone(SIGCHLD), config_->name, "clone");
  if (pid_ == 0) become(pipe.writer.get(), environment, inherited);
  output_ = static_cast<Fd&&>(pipe.reader);
  check(sys::fcntl(output_.get(), F_SETFL, O_NONBLOCK), config_->name, "fcntl");
}

void Supervised::print_line(Text line) const {
  sys::StringBuilder text(line_);
  text << Text::of(config_->name) << ": ";
  append_harmless(text, line);
  text << "\n";
  (void)write_waiting(1, text.text());
}

void Supervised::print() {
  auto* free = reinterpret_cast<unsigned char*>(buffer_ + size_);
  const auto count = sys::read(output_.get(), {free, sizeof buffer_ - size_});
  if (count.error() == EAGAIN) return;
  if (!count || count.value() == 0) {
    if (size_ != 0) print_line({buffer_, size_});
    size_ = 0;
    output_.reset();
    return;
  }
  size_ += count.value();
  Text rest(buffer_, size_);
  while (rest.contains('\n')) {
    const size_t end = rest.find('\n');
    print_line(rest.first(end));
    rest = rest.from(end + 1);
  }
  if (rest.size() == sizeof buffer_) {
    print_line(rest);  // a longer line comes in pieces
    rest = {};
  }
  __builtin_memmove(buffer_, rest.data(), rest.size());
  size_ = rest.size();
}

void Supervised::print_rest() {
  for (;;) {
    sys::PollEntry entry{output_.get(), POLLIN, 0};
    const auto ready = sys::poll_for({&entry, 1}, 0);
    if (!output_.is_open() || !ready || ready.value() == 0) break;
    print();
  }
  if (size_ != 0) print_line({buffer_, size_});
  size_ = 0;
  output_.reset();
}

void Supervised::ended(const sys::ChildStatus& child, bool stopping) {
  print_rest();
  pid_ = 0;
  status_ = child.as_shell();
  const bool again = config_->restart == Restart::kAlways ||
                     (config_->restart == Restart::kOnFailure && status_ != 0);
  sys::ShortString said;
  said << "ended with status " << status_;
  if (again && !stopping) {
    const int64_t now = sys::nanoseconds(CLOCK_MONOTONIC);
    if (now - started_ >= kLongEnough) back_off_ = kFirstBackOff;
    next_start_ = now + back_off_;
    said << ", starts again in " << back_off_ / 1'000'000 << " ms";
    back_off_ = back_off_ * 2 < kLongestBackOff ? back_off_ * 2 : kLongestBackOff;
  }
  if (status_ != 0 || next_start_ != kNever) complain(config_->name, nullptr, said.c_str());
}

// Runs them all. Signals are blocked, and read as data.
class Supervisor {
 public:
  explicit Supervisor(const stub::InitialStack& stack) : environment_(stack.environment()) {}

  sys::Result<size_t> read(const char* path) { return config_.read(path, complain_about_line); }
  /// Until all have ended for good.
  void run();

  [[nodiscard]] Finally finally() const { return config_.finally(); }
  /// The signal that stopped it all; 0: none did.
  [[nodiscard]] int stopped_by() const { return stopped_by_; }
  [[nodiscard]] bool all_succeeded() const {
    for (size_t i = 0; i < config_.size(); ++i) {
      if (containers_[i].status() != 0) return false;
    }
    return true;
  }
  /// For a system that stays: reaps until a signal says to stop.
  void wait_for_signal();

 private:
  void open_signals();
  void start_those_due();
  [[nodiscard]] int64_t time_to_wait() const;
  [[nodiscard]] bool anything_left() const;
  void handle_signals();
  void reap();
  void stop(int signal);

  const char* const* environment_;
  Config config_;
  Supervised containers_[Config::kMostContainers];
  Fd signals_;
  InheritedSignals inherited_;
  int stopped_by_ = 0;
  int64_t kill_at_ = kNever;
  bool reaps_all_ = sys::getpid() == 1;  // what nobody else waits for comes to the first process
  char line_[kLongestName + sizeof ": " + 4 * kLongestPiece + sizeof "\n"];  // each byte as \xNN
};

void Supervisor::open_signals() {
  if (signals_.is_open()) return;
  const sys::SignalSet watched =
      sys::SignalSet::of(SIGCHLD).with(SIGTERM).with(SIGINT).with(SIGHUP);
  inherited_.block(watched);
  signals_ = check(sys::signalfd(watched), "signalfd");
}

void Supervisor::start_those_due() {
  const int64_t now = sys::nanoseconds(CLOCK_MONOTONIC);
  for (size_t i = 0; i < config_.size(); ++i) {
    const int64_t due = containers_[i].next_start();
    if (due != kNever && due <= now) containers_[i].start(environment_, inherited_);
  }
  if (kill_at_ == kNever || kill_at_ > now) return;
  kill_at_ = kNever;
  for (size_t i = 0; i < config_.size(); ++i) containers_[i].signal(SIGKILL);
}

int64_t Supervisor::time_to_wait() const {
  int64_t first = kill_at_;
  for (size_t i = 0; i < config_.size(); ++i) {
    const int64_t due = containers_[i].next_start();
    if (due != kNever && (first == kNever || due < first)) first = due;
  }
  if (first == kNever) return kNever;
  const int64_t wait = first - sys::nanoseconds(CLOCK_MONOTONIC);
  return wait > 0 ? wait : 0;
}

bool Supervisor::anything_left() const {
  for (size_t i = 0; i < config_.size(); ++i) {
    if (containers_[i].pid() != 0 || containers_[i].next_start() != kNever) return true;
  }
  return false;
}

void Supervisor::reap() {
  // A process may have children that are not ours: whoever executed nsrun had them before.
  for (size_t i = 0; i < config_.size(); ++i) {
    if (containers_[i].pid() == 0) continue;
    const auto child = sys::wait(containers_[i].pid(), WNOHANG);
    if (child && child.value().pid != 0) containers_[i].ended(child.value(), stopped_by_ != 0);
  }
  if (!reaps_all_) return;
  for (;;) {
    const auto child = sys::wait(-1, WNOHANG);
    if (!child || child.value().pid == 0) return;
    // One of ours that has ended since.
    for (size_t i = 0; i < config_.size(); ++i) {
      if (containers_[i].pid() == child.value().pid) {
        containers_[i].ended(child.value(), stopped_by_ != 0);
      }
    }
  }
}

void Supervisor::stop(int signal) {
  if (stopped_by_ == 0) kill_at_ = sys::nanoseconds(CLOCK_MONOTONIC) + kPatience;
  stopped_by_ = signal;
  for (size_t i = 0; i < config_.size(); ++i) {
    containers_[i].forget_next_start();
    containers_[i].signal(SIGTERM);
  }
}

void Supervisor::handle_signals() {
  for (auto next = sys::read_signal(signals_.get()); next;
       next = sys::read_signal(signals_.get())) {
    const int signal = next.value();
    if (signal == SIGCHLD) {
      reap();
    } else {
      stop(signal);
    }
  }
}

void Supervisor::run() {
  open_signals();
  for (size_t i = 0; i < config_.size(); ++i) {
    containers_[i].configure(config_[i], {line_, sizeof line_});
  }
  while (start_those_due(), anything_left()) {
    sys::PollEntry entries[1 + Config::kMostContainers];
    entries[0] = {signals_.get(), POLLIN, 0};
    for (size_t i = 0; i < config_.size(); ++i) {
      entries[1 + i] = {containers_[i].output(), POLLIN, 0};
    }
    const sys::Span<sys::PollEntry> all = {entries, 1 + config_.size()};
    const int64_t wait = time_to_wait();
    const auto ready = wait == kNever ? sys::poll(all) : sys::poll_for(all, wait);
    if (!ready || ready.value() == 0) continue;
    for (size_t i = 0; i < config_.size(); ++i) {
      if (entries[1 + i].revents != 0) containers_[i].print();
    }
    if (entries[0].revents != 0) handle_signals();
  }
}

void Supervisor::wait_for_signal() {
  while (stopped_by_ == 0) {
    sys::PollEntry entry{signals_.get(), POLLIN, 0};
    (void)sys::poll({&entry, 1});
    handle_signals();
  }
}

// Mounts a file system where a system wants it. Whatever fails is said, and the rest goes on.
void mount_for_system(const char* type, const char* path, const char* options,
                      unsigned long flags) {
  (void)sys::mkdirat(AT_FDCWD, path, 0755);
  const auto mounted = sys::mount(type, path, type, flags, options);
  if (!mounted && !(mounted.error() == EBUSY)) complain("mount", path, mounted.error());
}

// The kernel's own root file system cannot be left by pivot_root(2), a mount on it can: a copy of
// it becomes the root.
void move_off_rootfs() {
  const Fd copy = check(sys::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE), "open_tree", "/");
  check(sys::move_mount(copy.get(), "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "move_mount", "/");
  check(sys::fchdir(copy.get()), "chdir", "/");
  check(sys::chroot("."), "chroot", "/");
}

// The kernel gives its first process a console only if the initramfs has a /dev/console.
void open_console() {
  if (sys::fcntl(1, F_GETFD)) return;
  const auto console = sys::openat(AT_FDCWD, "/dev/console", O_RDWR | O_NOCTTY);
  if (!console) return;
  Fd fd = console.value();
  for (int standard = 0; standard <= 2; ++standard) (void)sys::dup3(fd.get(), standard, 0);
  if (fd.get() <= 2) (void)fd.release();
}

void set_up_system() {
  move_off_rootfs();
  constexpr unsigned long kSafe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  mount_for_system("devtmpfs", "/dev", "mode=0755", MS_NOSUID);
  open_console();
  mount_for_system("proc", "/proc", nullptr, kSafe);
  mount_for_system("sysfs", "/sys", nullptr, kSafe);
  mount_for_system("devpts", "/dev/pts", "mode=0620,ptmxmode=0666", MS_NOSUID | MS_NOEXEC);
  mount_for_system("tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV);
  mount_for_system("tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV);
  mount_for_system("cgroup2", "/sys/fs/cgroup", nullptr, kSafe);
  // Ctrl-Alt-Del is then SIGINT to us.
  (void)sys::reboot(LINUX_REBOOT_CMD_CAD_OFF);
}

[[noreturn]] void end_system(Finally how) {
  sys::sync();
  const bool again = how == Finally::kReboot;
  complain("the system", nullptr, again ? "boots again" : "powers off");
  const auto done = sys::reboot(again ? LINUX_REBOOT_CMD_RESTART : LINUX_REBOOT_CMD_POWER_OFF);
  complain("reboot", nullptr, done.error());
  for (;;) (void)sys::poll({nullptr, 0});  // the first process must not end
}

}  // namespace

void supervise(const stub::InitialStack& stack, const char* path) {
  Supervisor& supervisor = *check(make_mapped<Supervisor>(stack), "mmap", "--supervise");
  const size_t wrong = check(supervisor.read(path), "--supervise", path);
  if (wrong != 0) sys::exit(kExitOwnError);
  supervisor.run();
  sys::exit(supervisor.all_succeeded() ? 0 : 1);
}

void run_system(const stub::InitialStack& stack) {
  set_up_system();
  Supervisor& supervisor = *check(make_mapped<Supervisor>(stack), "mmap", kConfig);
  const auto read = supervisor.read(kConfig);
  if (!read) complain("open", kConfig, read.error());
  supervisor.run();
  const bool stays = read && supervisor.finally() == Finally::kStay;
  if (stays) supervisor.wait_for_signal();
  if (supervisor.stopped_by() == SIGINT) end_system(Finally::kReboot);
  end_system(stays ? Finally::kPowerOff : supervisor.finally());
}

bool is_system(const stub::InitialStack& stack) {
  const char* name = stack.argv()[0];
  return sys::getpid() == 1 && name != nullptr &&
         (sys::same(name, "/init") || sys::same(name, "/sbin/init"));
}

}  // namespace nsrun
