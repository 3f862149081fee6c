// The base of the three stages.
#pragma once

#include "stub/channel.h"
#include "stub/checkpoint.h"
#include "stub/job.h"
#include "syscalls/process.h"

namespace stub {

/// Exit statuses. docs/protocol.md, "Exit status".
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;

/// A process of the flow: its job, and the channel on which it reports failure. Before the stages
/// exist the channel is closed.
///
/// No stage kills another. A process that can outlive a failure waits on the channel or will use it
/// next, and exits when the other end closes.
class Stage {
 public:
  explicit Stage(Job& job) : job_(job) {}
  Stage(Job& job, Channel channel) : job_(job), channel_(static_cast<Channel&&>(channel)) {}

 protected:
  /// Returns the value of a call that must succeed. Otherwise writes one fatal record with stage,
  /// call, object and errno, and exits.
  template <class T>
  [[gnu::always_inline]] T check(sys::Result<T> result, const char* call,
                                 const char* object = nullptr) const {
    return static_cast<T>(check_answer(result.release(), call, object));
  }
  /// The same, for results larger than a word.
  template <class T>
  requires(!sys::Word<T> && !__is_same(T, sys::Fd)) T
      check(sys::Result<T> result, const char* call, const char* object = nullptr)
  const {
    if (!result) fail(call, object, result.error());
    return static_cast<sys::Result<T>&&>(result).value();
  }

  /// For a call that sets id 0. If id 0 is not mapped, it fails with EINVAL; the ids then stay
  /// unchanged.
  void check_root(sys::Result<void> became, const char* call) const;

  [[noreturn]] void fail(const char* call, const char* object, sys::Errno error) const;
  [[noreturn]] void fail(const Malformed& malformed) const;
  /// For a failure without an errno.
  [[noreturn]] void fail(const char* what, const char* object, const char* reason) const;
  /// For a peer that died without sending a message.
  [[noreturn]] void fail_alone(const char* who) const;
  /// Sends a message to the peer, `who`, which may have failed or died.
  [[gnu::noinline]] void tell(Message message, const char* who) const;
  /// Receives the peer's next message.
  [[nodiscard, gnu::noinline]] Message listen() const;
  /// Exits without a record, because the peer has written one.
  [[noreturn]] static void end_as_told() { sys::exit(kExitFailed); }

  /// Writes a file, "/proc/self/oom_score_adj", in one write. Returns true, or false for the one
  /// errno that the caller handles. Any other errno is fatal.
  static constexpr int kNoErrno = __INT_MAX__;
  bool write_proc(const char* file, const char* value, int tolerated = kNoErrno) const;

  [[nodiscard]] sys::Fd open_procfs() const;

  /// A debug record: "WHATDETAIL", or "WHATDETAIL namespace PATH". A function of its own, so that
  /// its buffer is not in every caller's stack frame.
  [[gnu::noinline]] void debug(const char* what, const char* detail = "",
                               const char* path = nullptr) const;

  /// PR_SET_DUMPABLE, only in hidden stages. A process that is not dumpable cannot be traced, and
  /// its /proc files belong to root.
  void set_dumpable(bool dumpable) const;

  /// PR_SET_NAME with the configured name of this stage; also sets the name in log records.
  void enter(int stage) const;

  Job& job_;
  Channel channel_;

 private:
  [[noreturn]] void end_and_tell() const;
  long check_answer(long answer, const char* call, const char* object) const;
};

}  // namespace stub
