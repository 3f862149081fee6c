// Every system call of a child and of all that it makes waits for a word from here:
// seccomp_unotify(2).
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "syscalls/fd.h"

namespace test {

/// One system call that somebody is about to make.
struct SupervisedCall {
  int process;  ///< 0: the child itself; the others in the order in which each made its first call
  pid_t pid;
  int index;   ///< how many calls this process has made before
  int number;  ///< __NR_*
  std::array<uint64_t, 6> arguments;
};

/// "openat", as strace calls it; "system call 4711" where it is none of those the stub and nsrun
/// make.
std::string name_of(const SupervisedCall& call);

/// What is to become of it.
struct Verdict {
  enum What {
    kContinue,  ///< the kernel's own answer
    kFail,      ///< `error` instead
    kShorten,   ///< of a read or write, one byte is done
    kKill,      ///< the process is killed instead
    kStop,      ///< the process is stopped for a while, and makes it then
  };
  What what = kContinue;
  int error = 0;
};

/// Create it before the fork, call install() in the child before it executes. Counts from the
/// child's first execve on, that one included. Linux 5.5.
class Supervisor {
 public:
  using Decide = std::function<Verdict(const SupervisedCall&)>;
  explicit Supervisor(Decide decide);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// In the child.
  void install() const;
  /// No more answers: what still waits for one fails with ENOSYS. What has been seen until then.
  const std::vector<SupervisedCall>& finish();

 private:
  struct Stopped {
    pid_t pid;
    int64_t until;  ///< CLOCK_MONOTONIC, ns
  };
  void serve();
  void serve_one(int listener);
  void wake_stopped(bool all);
  std::optional<SupervisedCall> note(pid_t pid, int number, const uint64_t* arguments);

  Decide decide_;
  std::vector<SupervisedCall> calls_;
  std::map<pid_t, int> processes_;  ///< their numbers
  std::map<pid_t, int> counts_;     ///< the calls of each
  std::vector<Stopped> stopped_;
  std::vector<pid_t> resumed_;  ///< whose next call has been seen before
  bool executing_ = false;
  sys::Fd here_;   // where the listener arrives
  sys::Fd there_;  // where the child sends it from
  std::thread thread_;
};

}  // namespace test
