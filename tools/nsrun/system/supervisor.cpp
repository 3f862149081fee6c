#include "tools/nsrun/system/supervisor.h"

#include "syscalls/poll.h"
#include "tools/nsrun/common/mapped.h"
#include "tools/nsrun/host/seal.h"

namespace nsrun {

namespace {

// Nanoseconds between SIGTERM and SIGKILL.
constexpr int64_t kPatience = 5'000'000'000;

void complain_about_line(const char* file, unsigned line, const char* reason) {
  sys::FixedString<512> place;
  place << file << ":" << static_cast<int64_t>(line);
  complain(place.c_str(), nullptr, reason);
}

}  // namespace

sys::Result<size_t> Supervisor::read(const char* path) {
  return config_.read(path, complain_about_line);
}

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
    if (due != kNever && due <= now) {
      containers_[i].start({stack_, inherited_, sealed_.get(), pid_});
    }
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
  // Waits for each container by its pid, because this process may have other children: it inherits
  // those of the program that executed nsrun.
  for (size_t i = 0; i < config_.size(); ++i) {
    if (containers_[i].pid() == 0) continue;
    const auto child = sys::wait(containers_[i].pid(), WNOHANG);
    if (child && child.value().pid != 0) containers_[i].ended(child.value(), stopped_by_ != 0);
  }
  if (!reaps_all_) return;
  for (;;) {
    const auto child = sys::wait(-1, WNOHANG);
    if (!child || child.value().pid == 0) return;
    // One of the containers may have ended since the first loop.
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
  sealed_ = seal_for_starts();
  for (size_t i = 0; i < config_.size(); ++i) {
    containers_[i].configure(config_[i], {line_, sizeof line_});
  }
  while (start_those_due(), anything_left()) {
    sys::PollEntry entries[1 + Config::kMostContainers];
    entries[0] = {signals_.get(), POLLIN, 0};
    for (size_t i = 0; i < config_.size(); ++i) {
      entries[1 + i] = {containers_[i].output().get(), POLLIN, 0};
    }
    const sys::Span<sys::PollEntry> all = {entries, 1 + config_.size()};
    const int64_t wait = time_to_wait();
    const auto ready = wait == kNever ? sys::poll(all) : sys::poll_for(all, wait);
    if (!ready || ready.value() == 0) continue;
    for (size_t i = 0; i < config_.size(); ++i) {
      if (entries[1 + i].revents != 0) containers_[i].output().print();
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

void supervise(const stub::InitialStack& stack, const char* path) {
  Supervisor& supervisor = *check(make_mapped<Supervisor>(stack), "mmap", "--supervise");
  const size_t wrong = check(supervisor.read(path), "--supervise", path);
  if (wrong != 0) sys::exit(kExitOwnError);
  supervisor.run();
  sys::exit(supervisor.all_succeeded() ? 0 : 1);
}

}  // namespace nsrun
