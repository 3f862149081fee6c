// Makes chosen system calls return what a test wants, with seccomp_unotify(2).
#pragma once

#include <linux/seccomp.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "syscalls/fd.h"

namespace test {

/// From now on these calls fail with that errno in this process and in all its children. Call it in
/// a child before execve.
void refuse_calls(const std::vector<long>& numbers, int error);

/// The same for one call, where its first argument has one of these flags.
void refuse_flags(long number, unsigned flags, int error);

/// Answers one system call of a child and of all its descendants. Create it before fork and call
/// install() in the child before execve. A thread of the parent then answers.
class AnsweredCall {
 public:
  /// `answer` gets the number of earlier calls and returns an errno, or 0 to let the kernel do the
  /// call.
  AnsweredCall(int number, std::function<int(int)> answer);
  /// For a call with a path: `answer` gets the argument of that index (0 is the first), as text.
  AnsweredCall(int number, unsigned path_argument, std::function<int(const std::string&)> answer);
  ~AnsweredCall();
  AnsweredCall(const AnsweredCall&) = delete;
  AnsweredCall& operator=(const AnsweredCall&) = delete;

  /// Call it in the child.
  void install() const;
  /// Returns how often the call has been made so far.
  [[nodiscard]] int count() const { return count_; }

 private:
  using Answer = std::function<int(const seccomp_notif& request)>;
  AnsweredCall(Answer answer, int number);
  void serve();

  int number_;
  Answer answer_;
  int count_ = 0;
  sys::Fd here_;   // the parent's end, which receives the listener
  sys::Fd there_;  // the child's end, which sends it
  std::thread thread_;
};

}  // namespace test
