// Runs the containers that a file lists.
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/system/supervised.h"

namespace nsrun {

/// Runs the containers of a file. Signals are blocked, and read from a signalfd.
class Supervisor {
 public:
  explicit Supervisor(const stub::InitialStack& stack) : stack_(stack) {}

  /// Reads the file. Reports the wrong lines, and returns how many there are.
  sys::Result<size_t> read(const char* path);
  /// Returns when all containers have ended and none starts again.
  void run();

  [[nodiscard]] Finally finally() const { return config_.finally(); }
  /// The signal that stopped the containers; 0: none did.
  [[nodiscard]] int stopped_by() const { return stopped_by_; }
  [[nodiscard]] bool all_succeeded() const {
    for (size_t i = 0; i < config_.size(); ++i) {
      if (containers_[i].status() != 0) return false;
    }
    return true;
  }
  /// For a system that stays up: reaps processes until a signal asks to stop.
  void wait_for_signal();

 private:
  void open_signals();
  void start_those_due();
  [[nodiscard]] int64_t time_to_wait() const;
  [[nodiscard]] bool anything_left() const;
  void handle_signals();
  void reap();
  void stop(int signal);

  const stub::InitialStack& stack_;
  sys::Fd sealed_;  // see seal_for_starts()
  Config config_;
  Supervised containers_[Config::kMostContainers];
  sys::Fd signals_;
  InheritedSignals inherited_;
  int stopped_by_ = 0;
  int64_t kill_at_ = kNever;
  sys::Pid pid_ = sys::getpid();
  bool reaps_all_ = pid_ == 1;  // orphans become children of the first process
  char line_[NamedOutput::kLongestLine];
};

/// --supervise: runs the containers of the file until all have ended and none starts again, or
/// until SIGTERM, SIGINT or SIGHUP stops them. Exits with 0, or with 1 if the last status of a
/// container is not 0.
[[noreturn]] void supervise(const stub::InitialStack& stack, const char* path);

}  // namespace nsrun
