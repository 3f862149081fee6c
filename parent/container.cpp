// From the start of stage 0 to the end of the container.
#include "parent/container.h"
#include "stub/dialect.h"
#include "syscalls/file.h"
#include "syscalls/poll.h"
#include "syscalls/sockets.h"

namespace parent {

namespace {

using sys::Text;

// Waits until `fd` is readable, and reads log records in the meantime.
sys::Result<void> wait_readable(nsexec_container& container, int fd) {
  for (;;) {
    sys::PollEntry entries[] = {{fd, POLLIN, 0},
                                {container.log_pipe, POLLIN, 0}};  // a log_pipe of -1 is ignored
    const auto ready = sys::poll({entries, 2});
    if (!ready) return ready.error();
    if (entries[1].revents != 0) (void)nsexec_parent_read_records(&container);
    if (entries[0].revents != 0) return {};
  }
}

/// The pids of the pid line: {"stage1_pid":N,"stage2_pid":M}, or {"pid": M, "pid_first": N}.
struct Pids {
  int stage1 = 0;
  int init = 0;

  static Pids of(const char* line) {
    while (*line != '{' && *line != '\0') ++line;
    const bool is_old = Text::of(line).starts_with("{\"pid\":");
    const int first = next(line);
    const int second = next(line);
    return is_old ? Pids{second, first} : Pids{first, second};
  }

 private:
  // The number after the next colon; 0 if there is none.
  static int next(const char*& cursor) {
    while (*cursor != ':' && *cursor != '\0') ++cursor;
    while (*cursor == ':' || *cursor == ' ') ++cursor;
    return static_cast<int>(sys::take_decimal(cursor, __INT_MAX__).value);
  }
};

// Reads the pid line, and no byte that the program may send after it. Empty if there is no line.
class PidLine {
 public:
  sys::Result<void> read(nsexec_container& container) {
    while (size_ < kMost) {
      const auto waited = wait_readable(container, container.init_pipe);
      if (!waited) return waited;
      const auto more = read_what_is_there(container.init_pipe);
      if (!more) return more.error();
      if (!more.value()) break;
    }
    return {};
  }
  // Without waiting. Whether more is to come.
  sys::Result<bool> read_what_is_there(int init_pipe) {
    const sys::Span<unsigned char> room{line_ + size_, kMost - size_};
    const auto seen = sys::receive(init_pipe, room, MSG_PEEK | MSG_DONTWAIT);
    if (!seen && !(seen.error() == ECONNRESET)) return seen.error();
    if (!seen || seen.value() == 0) return false;
    const size_t end = Text(text() + size_, seen.value()).find('\n');
    const bool is_whole = end < seen.value();
    const auto taken = sys::receive(init_pipe, room.first(is_whole ? end + 1 : end), 0);
    if (!taken) return taken.error();
    // The ready byte of some dialects comes in front of it.
    if (size_ == 0 && line_[0] == '\0') line_[0] = ' ';
    size_ += taken.value();
    line_[size_] = '\0';
    return !is_whole;
  }
  [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(line_); }

 private:
  static constexpr size_t kMost = 128;  // two pids of ten digits and 30 characters around them

  unsigned char line_[kMost + 1] = {};
  size_t size_ = 0;
};

// Kills stage 0 and its process group, and reaps those of them that are the caller's children, also
// a stage whose pid is not known. Returns stage 0's status. Do not call it after stage 0 has been
// reaped: another group may then have the same number.
sys::Result<int> end_stage0(nsexec_container& container) {
  const int group = container.stage0;
  sys::Result<int> status = sys::Errno{ECHILD};
  (void)sys::kill(-group, SIGKILL);
  (void)sys::kill(group, SIGKILL);  // if it has no group of its own
  for (int wanted = group;; wanted = -group) {
    const auto ended = sys::wait(wanted, __WALL);
    if (!ended) break;
    const int pid = ended.value().pid;
    if (pid == group) status = ended.value().status;
    if (pid == container.stage1) container.stage1 = 0;
    if (pid == container.init) container.init = 0;
  }
  container.stage0 = 0;
  return status;
}

// Finds out init's pid if it has been sent and nobody has read it. Init sends it before it leaves
// stage 0's process group. So after the group has been killed, either init was killed with it, or
// its pid can be read.
void find_init(nsexec_container& container) {
  if (container.init != 0 || !is_open(container.init_pipe)) return;
  PidLine line;
  for (;;) {
    const auto more = line.read_what_is_there(container.init_pipe);
    if (!more || !more.value()) break;
  }
  container.init = Pids::of(line.text()).init;
}

// The stub, or another program in its place, has failed. Its log records say why. If there are
// none, `failure` says how stage 0 ended.
int stub_failed(nsexec_container& container, const char* what) {
  if (container.stage0 != 0) {
    const auto status = end_stage0(container);
    (void)nsexec_parent_read_records(&container);
    if (container.failure[0] == '\0') {
      sys::StringBuilder text({container.failure, sizeof container.failure});
      text << what;
      const sys::ChildStatus ended{0, status.value()};
      if (status && ended.exited()) text << " (exit status " << ended.exit_status() << ")";
      if (status && ended.signaled()) text << " (signal " << ended.signal() << ")";
    }
  }
  return -EPROTO;
}

int read_pids(nsexec_container& container) {
  if (container.init != 0) return 0;
  if (!is_open(container.init_pipe)) return -EBADF;
  if (container.stage0 == 0) return -EPROTO;  // it has failed, or was killed
  PidLine line;
  const auto read = line.read(container);
  if (!read) return fail(container, "read", "init pipe", read.error());
  const Pids pids = Pids::of(line.text());
  if (pids.stage1 <= 0 || pids.init <= 0) {
    return stub_failed(container, "the program sent no pids: nsexec-stub did not run in it");
  }
  container.stage1 = pids.stage1;
  container.init = pids.init;
  // init is a child that has not been reaped, so no other process can have this pid.
  const auto opened = sys::pidfd_open(container.init);
  if (!opened) return 0;
  sys::Fd pidfd = opened.value();
  if (move_above_streams(pidfd)) container.pidfd = pidfd.release();
  return 0;
}

int set_up(nsexec_container& container) {
  if (container.stage0 == 0 && container.init != 0) return 0;  // it is set up
  if (const int answer = read_pids(container); answer < 0) return answer;
  if (container.awaits_byte_ != 0) {
    const char byte = static_cast<char>(stub::kCreateCgroupNamespace);
    (void)sys::send_fully(container.init_pipe, {&byte, 1});
  }
  // Both end by themselves, stage 0 last. Their remaining records fit into the log pipe.
  if (container.stage1 != 0) (void)reap(container.stage1);
  if (container.stage0 == 0) return 0;
  const auto status = reap(container.stage0);
  (void)nsexec_parent_read_records(&container);
  if (!status) return fail(container, "wait4", "stage 0", status.error());
  if (status.value() == 0) return 0;
  if (container.failure[0] == '\0') {
    sys::StringBuilder({container.failure, sizeof container.failure})
        << "stage 0 failed, and no record says why";
  }
  return -EPROTO;
}

}  // namespace

}  // namespace parent

extern "C" {

int nsexec_parent_read_pids(struct nsexec_container* container) {
  return parent::read_pids(*container);
}

int nsexec_parent_set_up(struct nsexec_container* container) { return parent::set_up(*container); }

int nsexec_parent_wait(struct nsexec_container* container, int* status) {
  if (container->init == 0) return -ECHILD;
  if (parent::is_open(container->pidfd)) {
    const auto waited = parent::wait_readable(*container, container->pidfd);
    if (!waited) return -waited.error().number;
  }
  const auto ended = parent::reap(container->init);
  (void)nsexec_parent_read_records(container);
  if (!ended) return -ended.error().number;
  if (status != nullptr) *status = ended.value();
  return 0;
}

int nsexec_parent_signal(struct nsexec_container* container, int signal) {
  if (container->init == 0) return -ESRCH;
  const auto sent = parent::is_open(container->pidfd)
                        ? sys::pidfd_send_signal(container->pidfd, signal)
                        : sys::kill(container->init, signal);
  return sent ? 0 : -sent.error().number;
}

void nsexec_parent_kill(struct nsexec_container* container) {
  if (container->stage0 != 0) {
    (void)sys::kill(-container->stage0, SIGKILL);
    parent::find_init(*container);
    (void)parent::end_stage0(*container);
  }
  int* const pids[] = {&container->stage1, &container->init};
  for (int* pid : pids) {
    if (*pid <= 0) continue;
    // Another process's number is not killed: it was sent by a program without the stub.
    const auto state = sys::wait(*pid, WNOHANG | __WALL);
    if (state && state.value().pid == 0) {
      (void)sys::kill(*pid, SIGKILL);
      (void)parent::reap(*pid);
    }
    *pid = 0;
  }
  (void)nsexec_parent_read_records(container);
}

void nsexec_parent_close(struct nsexec_container* container) {
  int* const fds[] = {&container->pidfd, &container->init_pipe, &container->log_pipe};
  for (int* fd : fds) {
    parent::close_member(*fd);
  }
}

}  // extern "C"
