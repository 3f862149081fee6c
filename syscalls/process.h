// Processes: create, execute, wait, exit.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace sys {

using Pid = int;

inline Pid getpid() { return static_cast<Pid>(raw(__NR_getpid)); }
inline Pid getppid() { return static_cast<Pid>(raw(__NR_getppid)); }
/// getpgrp(2): the caller's process group.
inline Pid getpgrp() { return static_cast<Pid>(raw(__NR_getpgid, 0)); }
inline Pid gettid() { return static_cast<Pid>(raw(__NR_gettid)); }

/// clone(2), used as fork(2) with flags: returns 0 in the child, which continues on a copy of the
/// stack, and the child's pid in the parent. With CLONE_PARENT_SETTID the kernel stores the pid, as
/// the caller's pid namespace sees it, at `tid` before the child runs. With CLONE_CHILD_SETTID the
/// child finds its pid, as its own pid namespace sees it, in its copy of `tid`. Never use it with
/// CLONE_VM.
inline Result<Pid> clone(unsigned long flags, Pid* tid = nullptr) {
  const long answer = arch::clone(__NR_clone, flags, detail::word(tid));
  if (answer < 0) return Errno{static_cast<int>(-answer)};
  return static_cast<Pid>(answer);
}

namespace detail {
template <class Child>
[[noreturn, gnu::noinline]] inline void run_in_frame_of_its_own(const Child& child) {
  child();
  __builtin_unreachable();
}
}  // namespace detail

/// clone(2), used as vfork(2): runs `child`, which must not return, in the caller's memory. The
/// caller waits until the child executes a program or exits. Neither this function nor `child` is
/// inlined: both processes use one stack, and so the child's frames are below this one and the
/// child overwrites nothing of the caller. In one frame, the compiler would let the child use the
/// place of a value that only the caller needs. arch::clone is always inlined for the same reason:
/// the child would overwrite its return address.
template <class Child>
[[gnu::noinline]] inline Result<Pid> clone_to_execute(const Child& child) {
  const long answer = arch::clone(__NR_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0);
  if (answer == 0) detail::run_in_frame_of_its_own(child);
  if (answer < 0) return Errno{static_cast<int>(-answer)};
  return static_cast<Pid>(answer);
}

/// clone(2), after which the caller exits with status 0. Returns only in the child, or with an
/// error. With CLONE_VM the child takes over the caller's memory instead of a copy. Then no libc
/// may have run in it, because the kernel knows addresses of the libc's thread (robust list, rseq,
/// tid address). After unshare of a pid namespace, CLONE_VM fails with EINVAL before Linux 3.12. A
/// child with CLONE_VM does not enter a new time namespace.
inline Result<void> clone_and_exit(unsigned long flags, Pid* parent_tid = nullptr) {
  return Result<void>::of(arch::clone_and_exit(__NR_clone, flags, detail::word(parent_tid)));
}

/// clone3(2), Linux 5.3, used as fork. ENOSYS may also come from a seccomp filter, which cannot
/// inspect the arguments.
inline Result<Pid> clone3(const clone_args& arguments) {
  return call<Pid>(__NR_clone3, &arguments, sizeof arguments);
}

/// execve(2): returns only on error.
inline Errno execve(const char* path, const char* const* argv, const char* const* environment) {
  return call<void>(__NR_execve, path, argv, environment).error();
}

/// execveat(2), Linux 3.19: AT_EMPTY_PATH executes the fd itself.
inline Errno execveat(int dir, const char* path, const char* const* argv,
                      const char* const* environment, int flags) {
  return call<void>(__NR_execveat, dir, path, argv, environment, flags).error();
}

/// exit_group(2).
[[noreturn, gnu::noinline]] inline void exit(int status) {
  for (;;) (void)raw(__NR_exit_group, status);
}

/// A child whose state has changed, from wait4(2). pid 0: none yet (WNOHANG).
struct ChildStatus {
  Pid pid = 0;
  int status = 0;

  [[nodiscard]] constexpr bool exited() const { return (status & 0x7f) == 0; }
  [[nodiscard]] constexpr int exit_status() const { return (status >> 8) & 0xff; }
  [[nodiscard]] constexpr bool stopped() const { return (status & 0xff) == 0x7f; }
  [[nodiscard]] constexpr bool signaled() const { return !exited() && !stopped(); }
  [[nodiscard]] constexpr int signal() const { return status & 0x7f; }
  /// As in a shell: the exit status, or 128 plus the signal.
  [[nodiscard]] constexpr int as_shell() const { return exited() ? exit_status() : 128 + signal(); }
};

/// wait4(2): pid -1 means any child. ECHILD: there is no such child.
inline Result<ChildStatus> wait(Pid pid, int options = 0) {
  ChildStatus child;
  const Result<Pid> waited = call_again<Pid>(__NR_wait4, pid, &child.status, options, nullptr);
  if (!waited) return waited.error();
  child.pid = waited.value();
  return child;
}

inline Result<void> kill(Pid pid, int signal) { return call<void>(__NR_kill, pid, signal); }

/// pidfd_open(2), Linux 5.3: the fd is readable when the process has ended.
inline Result<Fd> pidfd_open(Pid pid, unsigned flags = 0) {
  return call<Fd>(__NR_pidfd_open, pid, flags);
}
/// pidfd_send_signal(2), Linux 5.1: never signals another process with the same pid.
inline Result<void> pidfd_send_signal(int pidfd, int signal) {
  return call<void>(__NR_pidfd_send_signal, pidfd, signal, nullptr, 0);
}
/// pidfd_getfd(2), Linux 5.6: a copy of that process's fd. EPERM: no ptrace access.
inline Result<Fd> pidfd_getfd(int pidfd, int fd) {
  return call<Fd>(__NR_pidfd_getfd, pidfd, fd, 0);
}

/// prctl(2). Unused arguments are 0, because some options require that.
template <class Argument>
inline Result<int> prctl(int option, Argument argument, unsigned long third = 0) {
  return call<int>(__NR_prctl, option, argument, third, 0, 0);
}

inline Result<Pid> setsid() { return call<Pid>(__NR_setsid); }

/// setpgid(2): moves the caller into a process group of its own. EPERM: it leads a session.
inline Result<void> lead_process_group() { return call<void>(__NR_setpgid, 0, 0); }

/// set_tid_address(2): the kernel writes 0 there when the thread ends. Returns the thread's tid.
inline Pid set_tid_address(int* address) {
  return static_cast<Pid>(raw(__NR_set_tid_address, address));
}

/// struct rlimit64 of getrlimit(2); all ones means unlimited.
struct ResourceLimits {
  uint64_t soft;
  uint64_t hard;
};
/// prlimit64(2) of the caller. EPERM: raises the hard limit without CAP_SYS_RESOURCE.
inline Result<void> set_resource_limits(unsigned resource, const ResourceLimits& limits) {
  return call<void>(__NR_prlimit64, 0, resource, &limits, nullptr);
}

inline Result<void> get_resource_limits(unsigned resource, ResourceLimits& limits) {
  return call<void>(__NR_prlimit64, 0, resource, nullptr, &limits);
}

/// setpriority(2) of the calling process: -20 (most favoured) to 19. EACCES: lowers the number
/// without CAP_SYS_NICE.
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

/// The list of robust futexes (get_robust_list(2)): an opaque pointer and its size.
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

/// sched_getaffinity(2): returns how many bytes of the mask the kernel filled. EINVAL: the buffer
/// is too small for the machine's cpus.
inline Result<size_t> sched_getaffinity(Pid pid, Span<unsigned long> mask) {
  return call<size_t>(__NR_sched_getaffinity, pid, mask.size * sizeof(unsigned long), mask.data);
}

}  // namespace sys
