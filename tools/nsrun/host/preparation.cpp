#include "tools/nsrun/host/preparation.h"

#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/forwarded_signals.h"
#include "tools/nsrun/host/given_data.h"
#include "tools/nsrun/host/id_mapped_binds.h"
#include "tools/nsrun/host/standard_streams.h"

namespace nsrun {

namespace {

// Checks a descriptor that nsrun uses, and hides it from the command.
int keep_to_ourselves(const char* option, const char* value) {
  const int fd = parse_descriptor(value);
  check(sys::fcntl(fd, F_GETFD), option, value);
  // The command could write a record of its own, and a reader would wait until the command ends.
  if (fd > 2) check(sys::fcntl(fd, F_SETFD, FD_CLOEXEC), option, value);
  return fd;
}

void keep_descriptors(const Options& options, Gate& gate) {
  const ReportingOptions& reporting = options.reporting;
  const ProcessOptions& process = options.process;
  if (reporting.info_fd != nullptr) (void)keep_to_ourselves("--info-fd", reporting.info_fd);
  if (reporting.json_status_fd != nullptr) {
    (void)keep_to_ourselves("--json-status-fd", reporting.json_status_fd);
  }
  // It stays open as long as nsrun runs.
  if (process.sync_fd != nullptr) (void)keep_to_ourselves("--sync-fd", process.sync_fd);
  if (process.block_fd != nullptr) gate.open(keep_to_ourselves("--block-fd", process.block_fd));
}

// Not inlined, because it needs much stack.
[[gnu::noinline]] void join_cgroups(const JoinedProcesses& joined, Cgroup& cgroup) {
  unsigned char text[4096];
  const size_t size = joined.read_cgroups({text, sizeof text});
  cgroup.join({reinterpret_cast<const char*>(text), size});
}

void check_filters(const Options& options) {
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id != OptionId::kSeccomp) continue;
    check(sys::fcntl(parse_descriptor(option.value), F_GETFD), option.name, option.value);
  }
}

}  // namespace

void Preparation::open() {
  // Before anything else is opened, because a new descriptor could get one of these numbers.
  check_given_descriptors(options);
  read_given_data(options);
  if (options.process.die_with_parent) caller.open(stack);
  if (options.reporting.pid_file != nullptr) pid_file.open(options.reporting.pid_file);
  keep_descriptors(options, gate);
  if (options.rights.seccomp != nullptr) check_filters(options);
  mounts = make_id_mapped_binds(options);
  if (options.namespaces.joins_any() || options.namespaces.wants_process()) joined.open(options);
  open_pipes_to_command(options);
  // From here on a signal is read as data, and cannot end nsrun before it has removed a cgroup.
  inherited.block(watched_signals());
  if (options.process.cgroup != nullptr) cgroup.open(options.process.cgroup);
  if (options.namespaces.join_cgroup) join_cgroups(joined, cgroup);
}

}  // namespace nsrun
