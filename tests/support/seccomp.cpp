#include "tests/support/seccomp.h"

#include <linux/filter.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "syscalls/sockets.h"

namespace test {

namespace {

void install_filter(std::vector<sock_filter>& code) {
  const sock_fprog program = {static_cast<unsigned short>(code.size()), code.data()};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(97);
}

}  // namespace

void refuse_calls(const std::vector<long>& numbers, int error) {
  std::vector<sock_filter> code = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const int number : numbers) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  install_filter(code);
}

void refuse_flags(long number, unsigned flags, int error) {
  constexpr size_t kLowHalf = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
  std::vector<sock_filter> code = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + kLowHalf),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  install_filter(code);
}

namespace {

// The text at that address of a process, up to its NUL.
std::string text_of(pid_t process, unsigned long address) {
  std::string text;
  for (char byte = 0;; text += byte) {
    struct iovec here = {&byte, 1};
    struct iovec there = {reinterpret_cast<void*>(address + text.size()), 1};
    if (process_vm_readv(process, &here, 1, &there, 1, 0) != 1 || byte == '\0') return text;
  }
}

}  // namespace

AnsweredCall::AnsweredCall(int number, std::function<int(int)> answer)
    : AnsweredCall([this, answer = std::move(answer)](
                       const seccomp_notif& /*request*/) { return answer(count_); },
                   number) {}

AnsweredCall::AnsweredCall(int number, unsigned path_argument,
                           std::function<int(const std::string&)> answer)
    : AnsweredCall(
          [path_argument, answer = std::move(answer)](const seccomp_notif& request) {
            return answer(text_of(static_cast<pid_t>(request.pid),
                                  static_cast<unsigned long>(request.data.args[path_argument])));
          },
          number) {}

AnsweredCall::AnsweredCall(Answer answer, int number)
    : number_(number), answer_(std::move(answer)) {
  sys::SocketPair pair;
  (void)pair.open(SOCK_SEQPACKET);
  here_ = static_cast<sys::Fd&&>(pair.first);
  there_ = static_cast<sys::Fd&&>(pair.second);
  thread_ = std::thread([this] { serve(); });
}

AnsweredCall::~AnsweredCall() {
  there_.reset();
  thread_.join();
}

void AnsweredCall::install() const {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number_), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof code / sizeof code[0], code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const long listener =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  char byte = 'l';
  const bool sent =
      static_cast<bool>(sys::FdMessage({&byte, 1}, static_cast<int>(listener)).send(there_.get()));
  if (listener < 0 || !sent) _exit(97);
  close(static_cast<int>(listener));
}

void AnsweredCall::serve() {
  char byte = 0;
  sys::FdMessage message({&byte, 1}, -1);
  if (!message.receive(here_.get())) return;
  const sys::Fd listener = message.take_fd();
  if (!listener.is_open()) return;
  for (;;) {
    // Serves until there_ is closed. A hang-up of the listener is not enough, because zombies still
    // count as users of the filter.
    struct pollfd entries[] = {{listener.get(), POLLIN, 0}, {here_.get(), 0, 0}};
    if (poll(entries, 2, -1) < 0 || entries[1].revents != 0) return;
    if ((entries[0].revents & POLLIN) == 0) {
      if (entries[0].revents != 0) return;
      continue;
    }
    seccomp_notif request{};
    if (ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) continue;
    seccomp_notif_resp response{};
    response.id = request.id;
    const int error = answer_(request);
    ++count_;
    if (error != 0) {
      response.error = -error;
    } else {
      response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    }
    (void)ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &response);
  }
}

}  // namespace test
