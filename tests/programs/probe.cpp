// A real entry point that reports what it finds. Most tests use it as the payload. It is
// freestanding, so that no libc code runs between the stub and the report.
//
// PROBE_FD        receives the report, "key: value" lines; then the probe waits for this socket's
// end
// PROBE_READ=N    first reads N bytes from the init pipe and reports them
#include "stub/environment.h"
#include "syscalls/file.h"
#include "syscalls/ids.h"
#include "syscalls/poll.h"
#include "syscalls/process.h"
#include "syscalls/signals.h"
#include "syscalls/system.h"

namespace {

using Report = sys::FixedString<16384>;

void report_fds(Report& report) {
  report << "fds:";
  for (int fd = 0; fd < 1024; ++fd) {
    const auto flags = sys::fcntl(fd, F_GETFD);
    if (!flags) continue;
    report << " " << fd;
    if ((flags.value() & FD_CLOEXEC) != 0) report << "c";
  }
  report << "\n";
}

void report_init_pipe(Report& report, const stub::InitialStack& stack) {
  const char* cursor = stack.variable("PROBE_READ");
  const auto size = static_cast<size_t>(sys::take_decimal(cursor, 4096).value);
  if (size == 0) return;
  unsigned char buffer[4096];
  const auto count = sys::read_fully(stub::read_environment(stack).init_pipe, {buffer, size});
  report << "rest: ";
  if (count) report << sys::Text(reinterpret_cast<const char*>(buffer), count.value());
  report << "\n";
}

void report_process(Report& report) {
  char name[16] = {};
  (void)sys::prctl(PR_GET_NAME, name);
  const auto mask = sys::signal_mask(SIG_BLOCK, {});
  report << "pid: " << sys::getpid() << "\n";
  report << "ppid: " << sys::getppid() << "\n";
  report << "sid: " << sys::raw(__NR_getsid, 0) << "\n";
  report << "uid: " << sys::getuid() << "\n";
  report << "euid: " << sys::geteuid() << "\n";
  report << "gid: " << sys::getgid() << "\n";
  report << "groups: " << sys::raw(__NR_getgroups, 0, nullptr) << "\n";
  report << "comm: " << name << "\n";
  report << "dumpable: " << sys::prctl(PR_GET_DUMPABLE, 0).value() << "\n";
  report << "mask: " << static_cast<int64_t>(mask.value().bits) << "\n";
  report << "monotonic: " << sys::nanoseconds(CLOCK_MONOTONIC) / 1'000'000'000 << "\n";
  report << "boottime: " << sys::nanoseconds(CLOCK_BOOTTIME) / 1'000'000'000 << "\n";
}

void report_stack(Report& report, const stub::InitialStack& stack) {
  report << "argc: " << static_cast<int64_t>(stack.argc()) << "\n";
  for (size_t i = 0; i < stack.argc(); ++i) {
    report << "argv" << static_cast<int64_t>(i) << ": " << stack.argv()[i] << "\n";
  }
  int64_t variables = 0;
  for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) ++variables;
  report << "environment: " << variables << "\n";
}

}  // namespace

/// Called by arch/<arch>/program.S.
extern "C" [[noreturn]] void program_main(const unsigned long* initial_stack) {
  const stub::InitialStack stack(initial_stack);
  const char* cursor = stack.variable("PROBE_FD");
  const sys::Number fd = sys::take_decimal(cursor, __INT_MAX__);
  if (!fd.valid) sys::exit(0);
  const int out = static_cast<int>(fd.value);
  Report report;
  report_process(report);
  report_fds(report);
  report_stack(report, stack);
  report_init_pipe(report, stack);
  report << "end: 1\n";
  if (!sys::write_fully(out, report.text())) sys::exit(3);
  unsigned char byte = 0;
  (void)sys::read(out, {&byte, 1});
  sys::exit(0);
}
