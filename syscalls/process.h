// Processes: making them, becoming another program, waiting, ending.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace sys {

using Pid = int;

inline Pid getpid() { return static_cast<Pid>(raw(__NR_getpid)); }
inline Pid getppid() { return static_cast<Pid>(raw(__NR_getppid)); }
/// The process group of the caller: getpgrp(2).
inline Pid getpgrp() { return static_cast<Pid>(raw(__NR_getpgid, 0)); }
inline Pid gettid() { return static_cast<Pid>(raw(__NR_gettid)); }

/// clone(2) as fork(2) with flags: 0 in the child, which goes on with a copy of the stack; its pid
/// in the parent. With CLONE_PARENT_SETTID the kernel stores the pid, as the caller's pid namespace
/// sees it, at `tid` before the child runs; with CLONE_CHILD_SETTID the child finds its pid, as its
/// own pid namespace sees it, in its copy of `tid`. Never with CLONE_VM.
inline Result<Pid> clone(unsigned long flags, Pid* tid = nullptr) {
  const long answer = arch::clone(__NR_clone, flags, detail::word(tid));
  if (answer < 0) return Errno{static_cast<int>(-answer)};
  return static_cast<Pid>(answer);
}

/// clone(2) as vfork(2): runs `child`, which must not return, in the caller's memory, while the
/// caller waits until it has executed a program or ended. Not inlined: what the child does lies
/// below this frame on the stack that both are on, and nothing above it is the child's to write.
/// For the same reason arch::clone is always inlined: what it would return to, the child
/// overwrites.
template <class Child>
[[gnu::noinline]] inline Result<Pid> clone_to_execute(const Child& child) {
  const long answer = arch::clone(__NR_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0);
  if (answer == 0) child();
  if (answer < 0) return Errno{static_cast<int>(-answer)};
  return static_cast<Pid>(answer);
}

/// clone(2), after which the caller exits with status 0, whatever runs on in its place: returns in
/// the child alone, or with an error. With CLONE_VM the child takes the caller's memory over
/// instead of a copy; no libc may have run in it, whose thread the kernel knows by its memory
/// (robust list, rseq, tid address). CLONE_VM is EINVAL after unshare of a pid namespace before
/// Linux 3.12, and leaves the child out of a new time namespace.
inline Result<void> clone_and_exit(unsigned long flags, Pid* parent_tid = nullptr) {
  return Result<void>::of(arch::clone_and_exit(__NR_clone, flags, detail::word(parent_tid)));
}

/// clone3(2), Linux 5.3, likewise as fork. ENOSYS also from a seccomp filter that cannot look
/// inside the arguments.
inline Result<Pid> clone3(const clone_args& arguments) {
  return call<Pid>(__NR_clone3, &arguments, sizeof arguments);
}

/// execve(2); returns only with an error.
inline Errno execve(const char* path, const char* const* argv, const char* const* environment) {
  return call<void>(__NR_execve, path, argv, environment).error();
}

/// execveat(2), Linux 3.19; AT_EMPTY_PATH executes the fd itself.
inline Errno execveat(int dir, const char* path, const char* const* argv,
                      const char* const* environment, int flags) {
  return call<void>(__NR_execveat, dir, path, argv, environment, flags).error();
}

/// exit_group(2).
[[noreturn]] inline void exit(int status) {
  for (;;) (void)raw(__NR_exit_group, status);
}

/// A child that has changed its state, as wait4(2) tells it. pid 0: none yet (WNOHANG).
struct ChildStatus {
  Pid pid = 0;
  int status = 0;

  [[nodiscard]] constexpr bool exited() const { return (status & 0x7f) == 0; }
  [[nodiscard]] constexpr int exit_status() const { return (status >> 8) & 0xff; }
  [[nodiscard]] constexpr bool stopped() const { return (status & 0xff) == 0x7f; }
  [[nodiscard]] constexpr bool signaled() const { return !exited() && !stopped(); }
  [[nodiscard]] constexpr int signal() const { return status & 0x7f; }
  /// As a shell says it: the exit status, or 128 and the signal.
  [[nodiscard]] constexpr int as_shell() const { return exited() ? exit_status() : 128 + signal(); }
};

/// wait4(2): pid -1 is any child. ECHILD: there is none.
inline Result<ChildStatus> wait(Pid pid, int options = 0) {
  ChildStatus child;
  const Result<Pid> waited = call_again<Pid>(__NR_wait4, pid, &child.status, options, nullptr);
  if (!waited) return waited.error();
  child.pid = waited.value();
  return child;
}

inline Result<void> kill(Pid pid, int signal) { return call<void>(__NR_kill, pid, signal); }

/// pidfd_open(2), Linux 5.3: readable once the process has ended.
inline Result<Fd> pidfd_open(Pid pid, unsigned flags = 0) {
  return call<Fd>(__NR_pidfd_open, pid, flags);
}
/// pidfd_send_signal(2), Linux 5.1: never hits another process that got the same pid.
inline Result<void> pidfd_send_signal(int pidfd, int signal) {
  return call<void>(__NR_pidfd_send_signal, pidfd, signal, nullptr, 0);
}
/// pidfd_getfd(2), Linux 5.6: a copy of that process's fd. EPERM: no ptrace access.
inline Result<Fd> pidfd_getfd(int pidfd, int fd) {
  return call<Fd>(__NR_pidfd_getfd, pidfd, fd, 0);
}

/// prctl(2). Arguments that an option does not use are 0, as some options insist.
template <class Argument>
inline Result<int> prctl(int option, Argument argument, unsigned long third = 0) {
  return call<int>(__NR_prctl, option, argument, third, 0, 0);
}

inline Result<Pid> setsid() { return call<Pid>(__NR_setsid); }

/// set_tid_address(2): where the kernel writes 0 when the thread ends; the answer is its tid.
inline Pid set_tid_address(int* address) {
  return static_cast<Pid>(raw(__NR_set_tid_address, address));
}

/// struct rlimit64 of getrlimit(2); all ones is "unlimited".
struct ResourceLimits {
  uint64_t soft;
  uint64_t hard;
};
/// prlimit64(2) of the caller. EPERM: a higher hard limit without CAP_SYS_RESOURCE.
inline Result<void> set_resource_limits(unsigned resource, const ResourceLimits& limits) {
  return call<void>(__NR_prlimit64, 0, resource, &limits, nullptr);
}

inline Result<void> get_resource_limits(unsigned resource, ResourceLimits& limits) {
  return call<void>(__NR_prlimit64, 0, resource, nullptr, &limits);
}

/// setpriority(2) of the caller's process: -20 (most) to 19. EACCES: a lower one without
/// CAP_SYS_NICE.
inline Result<void> set_nice(int nice) {
  constexpr int kProcess = 0;  // PRIO_PROCESS
  return call<void>(__NR_setpriority, kProcess, 0, nice);
}

/// getpriority(2) of the caller's process: -20 to 19.
inline int nice() {
  constexpr int kProcess = 0;  // PRIO_PROCESS
  // The kernel answers 40 to 1, so that no answer looks like an error.
  return 20 - static_cast<int>(call<size_t>(__NR_getpriority, kProcess, 0).value());
}

/// The list of robust futexes (get_robust_list(2)), an opaque pointer and size.
struct RobustList {
  void* head = nullptr;
  size_t size = 0;
};
inline Result<void> get_robust_list(RobustList& list) {
  return call<void>(__NR_get_robust_list, 0, &list.head, &list.size);
}
inline Result<void> set_robust_list(const RobustList& list) {
  return call<void>(__NR_set_robust_list, list.head, list.size);
}

/// sched_getaffinity(2): the bytes of the mask that the kernel filled. EINVAL: the buffer holds
/// fewer cpus than the machine may have.
inline Result<size_t> sched_getaffinity(Pid pid, Span<unsigned long> mask) {
  return call<size_t>(__NR_sched_getaffinity, pid, mask.size * sizeof(unsigned long), mask.data);
}

}  // namespace sys
