// A container that the supervisor keeps running.
#pragma once

#include "stub/initial_stack.h"
#include "syscalls/process.h"
#include "tools/nsrun/command_line/config.h"
#include "tools/nsrun/common/signals.h"
#include "tools/nsrun/system/output.h"

namespace nsrun {

/// The time of an event that will not happen.
inline constexpr int64_t kNever = -1;

/// What each start needs.
struct Starter {
  const stub::InitialStack& stack;
  const InheritedSignals& inherited;
  int sealed;  ///< this program, sealed once for all starts; -1: each seals itself
  sys::Pid supervisor;
};

/// One container of the file. Each has an nsrun process of its own.
class Supervised {
 public:
  /// `line`: see NamedOutput::configure().
  void configure(const ContainerConfig& config, sys::Span<char> line);

  void start(const Starter& starter);
  /// Call it when the container's nsrun has ended. Decides whether to start it again, and when.
  void ended(const sys::ChildStatus& child, bool stopping);
  void signal(int signal) const {
    if (pid_ != 0) (void)sys::kill(pid_, signal);
  }

  [[nodiscard]] sys::Pid pid() const { return pid_; }
  [[nodiscard]] NamedOutput& output() { return output_; }
  [[nodiscard]] int status() const { return status_; }
  /// CLOCK_MONOTONIC nanoseconds of its next start, or kNever.
  [[nodiscard]] int64_t next_start() const { return next_start_; }
  void forget_next_start() { next_start_ = kNever; }

 private:
  [[noreturn]] void become(int writer, const Starter& starter) const;

  static constexpr int64_t kSecond = 1'000'000'000;
  static constexpr int64_t kFirstBackOff = kSecond / 10;
  static constexpr int64_t kLongestBackOff = 10 * kSecond;
  // A container that ran this long starts again after the shortest delay.
  static constexpr int64_t kLongEnough = 10 * kSecond;

  const ContainerConfig* config_ = nullptr;
  NamedOutput output_;
  sys::Pid pid_ = 0;
  int status_ = 0;
  int64_t started_ = 0;
  int64_t next_start_ = 0;
  int64_t back_off_ = kFirstBackOff;
};

}  // namespace nsrun
