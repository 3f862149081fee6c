// The job, from the ELF entry point to the program's own.
#include "stub/nsexec.h"

#include "stub/seal/ladder.h"
#include "stub/stages.h"
#include "syscalls/ids.h"
#include "syscalls/sockets.h"

namespace stub {

namespace {

// The steps before the stages exist.
class Nsexec : Stage {
 public:
  explicit Nsexec(Job& job) : Stage(job) {}
  void run();

 private:
  void check_environment() const;
  [[gnu::noinline]] void log_affinity() const;
  void send_ready_byte() const;
  void read_exactly(sys::Span<unsigned char> bytes) const;
  void read_message() const;
  void hide() const;
  void run_stages();
};

// In order:
//  1. Checks the environment variables.
//  2. Seals the binary, which may execute it again.
//  3. Reads the whole bootstrap message and checks it, before it changes anything.
//  4. Sets oom_score_adj, which a process that is not dumpable is not allowed to do.
//  5. Becomes not dumpable if containers could otherwise access the stages (CVE-2016-9962).
//  6. Runs the stages. This process is stage 0 and exits there; only stage 2 returns.
void Nsexec::run() {
  log_affinity();
  check_environment();
  Ladder(job_).run();
  job_.libc_thread.remember();
  if (job_.dialect.ready_byte) send_ready_byte();
  checkpoint(job_, "nsexec:started");
  read_message();
  checkpoint(job_, "nsexec:message-read");
  debug("=> nsexec container setup");
  const char* oom_score_adj = job_.bootstrap.oom_score_adj;
  if (oom_score_adj != nullptr) write_proc("/proc/self/oom_score_adj", oom_score_adj);
  hide();
  run_stages();
}

void Nsexec::check_environment() const {
  const char* malformed = job_.environment.malformed;
  if (malformed != nullptr) fail(malformed, nullptr, "not a decimal int");
}

void Nsexec::log_affinity() const {
  // Only once, not again in the sealed binary.
  if (!job_.log.wants(LogLevel::kDebug) || job_.environment.cloned_binary) return;
  constexpr size_t kWords = 8192 / 8 / sizeof(long);  // 8192 cpus, the most on any machine
  unsigned long mask[kWords];
  mask[0] = 0;
  const auto size = sys::sched_getaffinity(0, {mask, kWords});
  if (!size) return;
  char digits[17];
  char* first = digits + 16;
  *first = '\0';
  do {
    *--first = kHexDigits[mask[0] & 15];
    mask[0] >>= 4;
  } while (mask[0] != 0);
  debug("affinity: 0x", first);
}

void Nsexec::send_ready_byte() const {
  check(sys::send_fully(job_.environment.init_pipe, {"", 1}), "send ready byte");
}

void Nsexec::read_exactly(sys::Span<unsigned char> bytes) const {
  const size_t size = check(sys::read_fully(job_.environment.init_pipe, bytes), "read init pipe");
  if (size < bytes.size) fail("bootstrap message", nullptr, "end of file");
}

void Nsexec::read_message() const {
  MessageHeader header{};
  read_exactly({reinterpret_cast<unsigned char*>(&header), sizeof header});
  BootstrapParser parser(job_.dialect, job_.bootstrap);
  if (!parser.header(header)) fail(parser.malformed());
  const size_t size = header.length - sizeof header;
  if (size == 0) return;
  sys::Span<unsigned char> rest{job_.small_message, size};
  if (size > sizeof job_.small_message) {
    check(job_.message.map_private(size), "mmap");
    rest = job_.message.bytes();
  }
  read_exactly(rest);
  if (!parser.attributes({reinterpret_cast<char*>(rest.data), size}) ||
      (kHasMountSources && !parser.mount_fds(job_.environment.mount_fds))) {
    fail(parser.malformed());
  }
}

// Access to a process that is not dumpable (ptrace(2), /proc/PID/root) takes CAP_SYS_PTRACE in the
// user namespace in which it was executed. The container that is joined lacks that. So does any
// container whose root is the host's root. Without this, such a container could access a stage in a
// new user namespace, because its uid is the namespace's owner, and an owner has all capabilities
// over it.
//
// A non-root caller cannot write the maps of a process that it cannot access (proc(5)). So there
// only joining stages are hidden.
void Nsexec::hide() const {
  const bool privileged = job_.creates(CLONE_NEWUSER) && sys::geteuid() == 0;
  job_.hidden = job_.joins() || privileged;
  if (!job_.hidden) return;
  job_.shown_for_maps = !privileged;
  job_.shown_at_the_end = !job_.joins() && sys::prctl(PR_GET_DUMPABLE, 0).release() == 1;
  set_dumpable(false);
}

void Nsexec::run_stages() {
  sys::SocketPair pair;
  check(pair.open(SOCK_SEQPACKET), "socketpair");
  checkpoint(job_, "nsexec:creating-stage1");
  // CLONE_PARENT: stages 1 and 2 are children of the parent. Their exit signal is the same as this
  // process's (clone(2)).
  constexpr unsigned long kFlags = CLONE_PARENT | CLONE_CHILD_SETTID;
  sys::Pid own = 0;
  const sys::Pid stage1 = check(sys::clone(kFlags, &own), "clone stage 1");
  if (stage1 != 0) {
    pair.second.reset();
    Stage0(job_, Channel(static_cast<sys::Fd&&>(pair.first)), stage1).run();
  }
  pair.first.reset();
  Stage1(job_, Channel(static_cast<sys::Fd&&>(pair.second)), own).run();
}

// Not inlined, so that a process that is no init needs neither the stack nor the time.
[[gnu::noinline]] void run(const InitialStack& stack, const Config& config) {
  Job job(stack, config);
  Nsexec(job).run();
}

}  // namespace

}  // namespace stub

/// The entry point (arch/<arch>/entry.S) calls it with the initial stack. Returns in the process
/// that is to run the program. If the process was not started as a container's init, it returns at
/// once and makes no system call.
extern "C" [[gnu::used]] void nsexec_blob(const unsigned long* initial_stack,
                                          const stub::Config* config) {
  const stub::InitialStack stack(initial_stack);
  if (stub::is_init_process(stack)) stub::run(stack, *config);
}
