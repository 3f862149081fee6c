#include "tests/support/supervisor.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "syscalls/sockets.h"

namespace test {

namespace {

// Higher than the child's own fds. The filter sees only the fd's number.
constexpr int kFdOfSupervisor = 1000;
constexpr int64_t kStop = 3'000'000;  // ns

int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// The offset of the low half of a call's first argument.
constexpr unsigned kFirstArgument =
    offsetof(seccomp_data, args) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);

// Reads or writes one byte in place of that process. Returns what the kernel returned, or -errno.
int64_t transfer_one_byte(const SupervisedCall& call) {
  const sys::Fd process(static_cast<int>(syscall(SYS_pidfd_open, call.pid, 0)));
  const sys::Fd fd(static_cast<int>(
      syscall(SYS_pidfd_getfd, process.get(), static_cast<int>(call.arguments[0]), 0)));
  if (!fd.is_open()) return -EBADF;
  char byte = 0;
  const iovec ours = {&byte, 1};
  const iovec theirs = {reinterpret_cast<void*>(call.arguments[1]), 1};
  if (call.number == SYS_read) {
    const ssize_t size = read(fd.get(), &byte, 1);
    if (size < 0) return -errno;
    if (size == 1 && process_vm_writev(call.pid, &ours, 1, &theirs, 1, 0) != 1) return -EFAULT;
    return size;
  }
  if (process_vm_readv(call.pid, &ours, 1, &theirs, 1, 0) != 1) return -EFAULT;
  const ssize_t size = call.number == SYS_sendto ? send(fd.get(), &byte, 1, MSG_NOSIGNAL)
                                                 : write(fd.get(), &byte, 1);
  return size < 0 ? -errno : size;
}

// Every system call of the caller waits for an answer from now on, except the sendmsg that sends
// the listener to `there`.
void install_filter(int there, unsigned long flags) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFirstArgument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(there), 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof code / sizeof code[0], code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // The listener closes when the child executes, like the child's other fds.
  const long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &program);
  if (listener < 0) _exit(97);
  char byte = 'l';
  if (!sys::FdMessage({&byte, 1}, static_cast<int>(listener)).send(there)) _exit(97);
}

// Whether the kernel forgets a call whose process is stopped while the call waits for an answer,
// and returns its first argument. Linux does so on ARM of 32 bits (7.2): the call is to
// be made once more, but its number has become -1, which means that no call is to be made.
bool forgets_stopped_calls() {
  sys::SocketPair pair;
  (void)pair.open(SOCK_SEQPACKET);
  const pid_t child = fork();
  if (child == 0) {
    install_filter(pair.second.get(), 0);
    constexpr pid_t kNobody = 0x7fff0000;
    _exit(syscall(SYS_getpgid, kNobody) == -1 ? 0 : 1);
  }
  pair.second.reset();
  char byte = 0;
  sys::FdMessage message({&byte, 1}, -1);
  if (child < 0 || !message.receive(pair.first.get())) return false;
  const sys::Fd listener = message.take_fd();
  bool stopped = false;
  int number = -1;
  while (number != SYS_exit_group) {
    seccomp_notif request{};
    if (ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) {
      if (errno == EINTR) continue;
      break;
    }
    number = request.data.nr;
    if (number == SYS_getpgid && !stopped) {
      stopped = true;
      siginfo_t info{};
      kill(child, SIGSTOP);
      (void)waitid(P_PID, static_cast<id_t>(child), &info, WSTOPPED);
      kill(child, SIGCONT);
      continue;
    }
    seccomp_notif_resp response{};
    response.id = request.id;
    response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    (void)ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &response);
  }
  int status = 0;
  (void)waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

}  // namespace

std::string text_of(const SupervisedCall& call, int argument) {
  char text[80] = {};
  const iovec ours = {text, sizeof text - 1};
  const iovec theirs = {reinterpret_cast<void*>(call.arguments[argument]), sizeof text - 1};
  (void)process_vm_readv(call.pid, &ours, 1, &theirs, 1, 0);
  return text;
}

std::string name_of(const SupervisedCall& call) {
  static const std::map<long, std::string> names = {
#define NAME(name) {SYS_##name, #name}
      NAME(bpf),
      NAME(brk),
      NAME(capget),
      NAME(capset),
      NAME(chdir),
      NAME(chroot),
      NAME(clone),
      NAME(clone3),
      NAME(close),
      NAME(close_range),
      NAME(copy_file_range),
      NAME(dup3),
      NAME(epoll_pwait),
      NAME(execve),
      NAME(execveat),
      NAME(exit),
      NAME(exit_group),
      NAME(faccessat),
      NAME(faccessat2),
      NAME(fchdir),
      NAME(fchmod),
      NAME(fchmodat),
      NAME(fchownat),
      NAME(fsconfig),
      NAME(fsmount),
      NAME(fsopen),
      NAME(get_robust_list),
      NAME(getcwd),
      NAME(getdents64),
      NAME(getgroups),
      NAME(getpid),
      NAME(getppid),
      NAME(getpriority),
      NAME(getrandom),
      NAME(getsid),
      NAME(gettid),
      NAME(ioctl),
      NAME(kill),
      NAME(linkat),
      NAME(lseek),
      NAME(memfd_create),
      NAME(mkdirat),
      NAME(mknodat),
      NAME(mount),
      NAME(mount_setattr),
      NAME(move_mount),
      NAME(mprotect),
      NAME(munmap),
      NAME(open_tree),
      NAME(openat),
      NAME(openat2),
      NAME(pidfd_open),
      NAME(pidfd_send_signal),
      NAME(pipe2),
      NAME(pivot_root),
      NAME(prctl),
      NAME(prlimit64),
      NAME(read),
      NAME(readlinkat),
      NAME(recvfrom),
      NAME(recvmsg),
      NAME(rt_sigaction),
      NAME(rt_sigprocmask),
      NAME(sched_getaffinity),
      NAME(seccomp),
      NAME(sendfile),
      NAME(sendmsg),
      NAME(sendto),
      NAME(set_robust_list),
      NAME(set_tid_address),
      NAME(sethostname),
      NAME(setdomainname),
      NAME(setns),
      NAME(setsid),
      NAME(setxattr),
      NAME(signalfd4),
      NAME(sigaltstack),
      NAME(socket),
      NAME(socketpair),
      NAME(statx),
      NAME(symlinkat),
      NAME(tgkill),
      NAME(timerfd_create),
      NAME(timerfd_settime),
      NAME(umask),
      NAME(keyctl),
      NAME(umount2),
      NAME(uname),
      NAME(unlinkat),
      NAME(unshare),
      NAME(utimensat),
      NAME(wait4),
      NAME(waitid),
      NAME(write),
      NAME(writev),
#undef NAME
      {arch::kClockGettime, "clock_gettime"},
      {arch::kFchown, "fchown"},
      {arch::kFcntl, "fcntl"},
      {arch::kFstatfs, "fstatfs"},
      {arch::kFstatat, "newfstatat"},
      {arch::kFtruncate, "ftruncate"},
      {arch::kGetegid, "getegid"},
      {arch::kGeteuid, "geteuid"},
      {arch::kGetgid, "getgid"},
      {arch::kGetuid, "getuid"},
      {arch::kMmap, "mmap"},
      {arch::kPpoll, "ppoll"},
      {arch::kRtSigtimedwait, "rt_sigtimedwait"},
      {arch::kSetgid, "setgid"},
      {arch::kSetgroups, "setgroups"},
      {arch::kSetresgid, "setresgid"},
      {arch::kSetresuid, "setresuid"},
      {arch::kSetuid, "setuid"},
      {arch::kStatfs, "statfs"},
  };
  const auto found = names.find(call.number);
  return found == names.end() ? "system call " + std::to_string(call.number) : found->second;
}

Supervisor::Supervisor(Decide decide) : decide_(std::move(decide)) {
  static const bool forgets = forgets_stopped_calls();
  waits_for_answers_ = forgets;
  sys::SocketPair pair;
  (void)pair.open(SOCK_SEQPACKET);
  here_ = static_cast<sys::Fd&&>(pair.first);
  there_ = sys::Fd(fcntl(pair.second.get(), F_DUPFD_CLOEXEC, kFdOfSupervisor));
  thread_ = std::thread([this] { serve(); });
}

Supervisor::~Supervisor() { (void)finish(); }

const std::vector<SupervisedCall>& Supervisor::finish() {
  there_.reset();
  if (thread_.joinable()) thread_.join();
  return calls_;
}

void Supervisor::install() const {
  install_filter(there_.get(), waits_for_answers_ ? SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0);
}

void Supervisor::serve() {
  char byte = 0;
  sys::FdMessage message({&byte, 1}, -1);
  if (!message.receive(here_.get())) return;
  const sys::Fd listener = message.take_fd();
  while (listener.is_open()) {
    wake_stopped(false);
    // Serves until there_ is closed. A hang-up of the listener is not enough, because zombies still
    // count as users of the filter.
    struct pollfd entries[] = {{listener.get(), POLLIN, 0}, {here_.get(), 0, 0}};
    if (poll(entries, 2, stopped_.empty() ? -1 : 1) < 0 || entries[1].revents != 0) break;
    if ((entries[0].revents & POLLIN) != 0) {
      serve_one(listener.get());
    } else if (entries[0].revents != 0) {
      break;
    }
  }
  wake_stopped(true);
}

bool executes(const SupervisedCall& call) {
  return call.number == SYS_execve || call.number == SYS_execveat;
}

void Supervisor::wake_stopped(bool all) {
  const int64_t time = now();
  for (size_t i = 0; i < stopped_.size();) {
    if (!all && stopped_[i].until > time) {
      ++i;
      continue;
    }
    if (!waits_for_answers_) resumed_.push_back(stopped_[i].pid);
    kill(stopped_[i].pid, SIGCONT);
    stopped_.erase(stopped_.begin() + static_cast<long>(i));
  }
}

std::optional<SupervisedCall> Supervisor::note(pid_t pid, int number, const uint64_t* arguments) {
  executing_ = executing_ || number == SYS_execve;
  if (!executing_) return {};
  // A call that a stop has interrupted is made a second time and must not be counted again.
  const auto resumed = std::find(resumed_.begin(), resumed_.end(), pid);
  if (resumed != resumed_.end()) {
    resumed_.erase(resumed);
    return {};
  }
  const int process = processes_.emplace(pid, static_cast<int>(processes_.size())).first->second;
  SupervisedCall call{process, pid, counts_[pid]++, number, {}};
  std::copy(arguments, arguments + 6, call.arguments.begin());
  calls_.push_back(call);
  return call;
}

void Supervisor::serve_one(int listener) {
  seccomp_notif request{};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) return;
  const auto pid = static_cast<pid_t>(request.pid);
  uint64_t arguments[6];
  std::copy(std::begin(request.data.args), std::end(request.data.args), arguments);
  const auto call = note(pid, request.data.nr, arguments);
  const Verdict verdict = call ? decide_(*call) : Verdict{};
  seccomp_notif_resp response{};
  response.id = request.id;
  switch (verdict.what) {
    case Verdict::kFail:
      response.error = -verdict.error;
      break;
    case Verdict::kShorten: {
      const int64_t done = transfer_one_byte(*call);
      if (done < 0) response.error = static_cast<int>(done);
      if (done >= 0) response.val = done;
      break;
    }
    case Verdict::kKill:
      kill(pid, SIGKILL);
      return;
    case Verdict::kStop:
      kill(pid, SIGSTOP);
      stopped_.push_back({pid, now() + kStop});
      if (!waits_for_answers_) return;
      response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
      break;
    default:
      response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  }
  (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

}  // namespace test
