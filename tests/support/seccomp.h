// System calls that answer what a test wants: seccomp_unotify(2).
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "syscalls/fd.h"

namespace test {

/// From here on these calls fail with that errno in this process and all that it makes. In a child,
/// before it executes.
void refuse_calls(const std::vector<int>& numbers, int error);

/// Answers one system call of a child and of all that it makes. Create it before the fork, call
/// install() in the child before it executes, and it answers from a thread of the parent's.
class AnsweredCall {
 public:
  /// `answer` gets the count of earlier calls and gives an errno, or 0 for "let the kernel do it".
  AnsweredCall(int number, std::function<int(int)> answer);
  ~AnsweredCall();
  AnsweredCall(const AnsweredCall&) = delete;
  AnsweredCall& operator=(const AnsweredCall&) = delete;

  /// In the child.
  void install() const;
  /// How often it has been called so far.
  [[nodiscard]] int count() const { return count_; }

 private:
  void serve();

  int number_;
  std::function<int(int)> answer_;
  int count_ = 0;
  sys::Fd here_;   // where the listener arrives
  sys::Fd there_;  // where the child sends it from
  std::thread thread_;
};

}  // namespace test
