#include "bench/start.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "syscalls/fd.h"

namespace bench {

namespace {

constexpr int kInitPipe = 3;
constexpr int kLogPipe = 4;

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

int null_fd() {
  static const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  return fd;
}

void send_all(int socket, const std::string& message) {
  size_t done = 0;
  while (done < message.size()) {
    const ssize_t size = send(socket, message.data() + done, message.size() - done, MSG_NOSIGNAL);
    if (size <= 0) return;
    done += static_cast<size_t>(size);
  }
}

pid_t pid_behind(const std::string& text, const std::string& key) {
  const size_t at = text.find(key);
  return at == std::string::npos ? 0 : atoi(text.c_str() + at + key.size());
}

}  // namespace

Command::Command(std::vector<std::string> arguments, std::vector<std::string> environment)
    : arguments_(std::move(arguments)),
      environment_(std::move(environment)),
      argv_(pointers(arguments_)),
      envp_(pointers(environment_)) {}

void Command::execute() const { execve(argv_[0], argv_.data(), envp_.data()); }

double now() {
  struct timespec time {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

FlowTimes run_flow(const Command& command, const std::string& message) {
  FlowTimes times;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return times;
  sys::Fd ours(pair[0]);
  // Moves it away from the fd numbers that dup2 uses below.
  sys::Fd theirs(fcntl(pair[1], F_DUPFD_CLOEXEC, 10));
  close(pair[1]);
  const int null = null_fd();
  const double start = now();
  // A message that fits into the socket's buffer is sent before the child runs.
  const bool early = message.size() < 65536;
  if (early) send_all(ours.get(), message);
  const pid_t stage0 = vfork();
  if (stage0 == 0) {
    dup2(theirs.get(), kInitPipe);
    dup2(null, kLogPipe);
    command.execute();
    _exit(127);
  }
  theirs.reset();
  if (!early) send_all(ours.get(), message);
  std::string text;
  char buffer[256];
  while (text.find("stage2_pid") == std::string::npos &&
         text.find("pid_first") == std::string::npos) {
    const ssize_t size = read(ours.get(), buffer, sizeof buffer);
    if (size <= 0) break;
    text.append(buffer, static_cast<size_t>(size));
  }
  times.pids = now() - start;
  // Tells a runtime that waits for its parent that no more data will come.
  shutdown(ours.get(), SHUT_WR);
  const pid_t stage2 = pid_behind(text, "stage2_pid\":");
  int status = 0;
  // All stages are children of this process (CLONE_PARENT). Parked containers may be, too.
  for (int left = text.find("stage") != std::string::npos ? 3 : 1; left > 0; --left) {
    const pid_t child = wait(&status);
    if (child < 0) break;
    if (child == stage2) times.entry = now() - start;
    if (child != stage0) continue;
    times.stage0 = now() - start;
    times.good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  times.all = now() - start;
  return times;
}

double run_to_end(const Command& command) {
  const int null = null_fd();
  const double start = now();
  const pid_t child = vfork();
  if (child == 0) {
    dup2(null, 0);
    dup2(null, 1);
    if (getenv("BENCH_STDERR") == nullptr) dup2(null, 2);
    command.execute();
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const double took = now() - start;
  if (getenv("BENCH_STDERR") != nullptr && status != 0) dprintf(2, "status %x\n", status);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? took : -1;
}

}  // namespace bench
