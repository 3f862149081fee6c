// What the three stages have in common.
#pragma once

#include "stub/channel.h"
#include "stub/checkpoint.h"
#include "stub/job.h"
#include "syscalls/process.h"

namespace stub {

/// Exit statuses. docs/protocol.md, "Exit status".
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;

/// A process of the flow: what it works on, and whom it tells when it fails. Before the stages
/// exist the channel is closed and there is nobody to tell.
///
/// No stage kills another. Whoever can outlive a failure is, by design, waiting on the channel or
/// about to use it, and goes when the other end closes.
class Stage {
 public:
  explicit Stage(Job& job) : job_(job) {}
  Stage(Job& job, Channel channel) : job_(job), channel_(static_cast<Channel&&>(channel)) {}

 protected:
  /// The value of a call that must succeed, or the end: one fatal record that names the stage,
  /// the call, its object and the errno.
  template <class T>
  [[gnu::always_inline]] T check(sys::Result<T> result, const char* call,
                                 const char* object = nullptr) const {
    return static_cast<T>(check_answer(result.release(), call, object));
  }
  /// For calls that give more than a word.
  template <class T>
  requires(!sys::Word<T> && !__is_same(T, sys::Fd)) T
      check(sys::Result<T> result, const char* call, const char* object = nullptr)
  const {
    if (!result) fail(call, object, result.error());
    return static_cast<sys::Result<T>&&>(result).value();
  }

  /// For a call that makes a process root: where id 0 is not mapped, which EINVAL tells, its ids
  /// stay as they are.
  void check_root(sys::Result<void> became, const char* call) const;

  [[noreturn]] void fail(const char* call, const char* object, sys::Errno error) const;
  [[noreturn]] void fail(const Malformed& malformed) const;
  /// For what has no errno.
  [[noreturn]] void fail(const char* what, const char* object, const char* reason) const;
  /// For a stage that has died without a word.
  [[noreturn]] void fail_alone(const char* who) const;
  /// Sends to the other side, `who`, which may have failed or died in the meantime.
  [[gnu::noinline]] void tell(Message message, const char* who) const;
  /// The other side's next word.
  [[nodiscard, gnu::noinline]] Message listen() const;
  /// Ends without another record: the other side has written one.
  [[noreturn]] static void end_as_told() { sys::exit(kExitFailed); }

  /// Writes a file below /proc, in one write: true, or false for the one errno that the caller has
  /// an answer to; any other is the end.
  static constexpr int kNoErrno = __INT_MAX__;
  bool write_proc(const char* file, const char* value, int tolerated = kNoErrno) const;

  [[nodiscard]] sys::Fd open_procfs() const;

  /// A debug record: "WHAT DETAIL". In one place, so that its buffer is not on everybody's stack.
  [[gnu::noinline]] void debug(const char* what, const char* detail = "") const;

  /// PR_SET_DUMPABLE, in stages that are hidden: a process that is not dumpable cannot be traced,
  /// and its /proc files belong to root.
  void set_dumpable(bool dumpable) const;

  /// PR_SET_NAME to the name that the configuration has for this stage; also for log records.
  void enter(int stage) const;

  Job& job_;
  Channel channel_;

 private:
  [[noreturn]] void end_and_tell() const;
  long check_answer(long answer, const char* call, const char* object) const;
};

}  // namespace stub
