// Holds every system call of a child and of all its descendants until the test decides what happens
// to it, with seccomp_unotify(2).
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

/// One system call that a process is about to make.
struct SupervisedCall {
  int process;  ///< 0 is the child itself; the others are numbered by their first call
  pid_t pid;
  int index;   ///< how many calls this process has made before
  int number;  ///< __NR_*
  std::array<uint64_t, 6> arguments;
};

/// Returns the name as strace shows it: "openat". Returns "system call 4711" for a call that
/// neither the stub nor nsrun makes.
std::string name_of(const SupervisedCall& call);

/// Whether the call executes a program: by a path, or by an fd, as the sealed binary is.
bool executes(const SupervisedCall& call);

/// Returns the text that an argument of the call points to, up to its NUL or 79 bytes.
std::string text_of(const SupervisedCall& call, int argument);

/// What the supervisor does with a call.
struct Verdict {
  enum What {
    kContinue,  ///< let the kernel do it
    kFail,      ///< make it fail with `error`
    kShorten,   ///< read or write only one byte
    kKill,      ///< kill the process first
    kStop,      ///< stop the process for a while, and let the kernel do it
  };
  What what = kContinue;
  int error = 0;
};

/// Create it before fork, and call install() in the child before execve. It counts calls from the
/// child's first execve on, including that one. Needs Linux 5.5.
class Supervisor {
 public:
  using Decide = std::function<Verdict(const SupervisedCall&)>;
  explicit Supervisor(Decide decide);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Call it in the child.
  void install() const;
  /// Stops answering: calls that still wait for an answer fail with ENOSYS. Returns all calls seen
  /// until then.
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
  std::map<pid_t, int> processes_;  ///< the number of each process
  std::map<pid_t, int> counts_;     ///< the number of calls of each process
  std::vector<Stopped> stopped_;
  std::vector<pid_t> resumed_;  ///< processes whose next call has been seen before
  bool executing_ = false;
  /// Whether a call waits for its answer even if a signal comes (Linux 5.19). Where the kernel
  /// would forget the call otherwise, a process that is to be stopped is stopped behind its call,
  /// not before it. A signal that comes before the supervisor has received the call can still lose
  /// it.
  bool waits_for_answers_ = false;
  sys::Fd here_;   // the parent's end, which receives the listener
  sys::Fd there_;  // the child's end, which sends it
  std::thread thread_;
};

}  // namespace test
