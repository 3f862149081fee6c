#include "tools/nsrun/host/preparation.h"

#include "tools/nsrun/common/error.h"
#include "tools/nsrun/host/forwarded_signals.h"
#include "tools/nsrun/host/given_data.h"
#include "tools/nsrun/host/id_mapped_binds.h"
#include "tools/nsrun/host/standard_streams.h"

namespace nsrun {

namespace {

void check_info_fd(const char* option) {
  const int fd = parse_descriptor(option);
  check(sys::fcntl(fd, F_GETFD), "--info-fd", option);
  // The command could write a record of its own, and its reader would wait for the command's end.
  if (fd > 2) check(sys::fcntl(fd, F_SETFD, FD_CLOEXEC), "--info-fd", option);
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
  // Before anything else is opened, which could get one of these numbers.
  check_given_descriptors(options);
  read_given_data(options);
  if (options.reporting.pid_file != nullptr) pid_file.open(options.reporting.pid_file);
  if (options.reporting.info_fd != nullptr) check_info_fd(options.reporting.info_fd);
  if (options.rights.seccomp != nullptr) check_filters(options);
  mounts = make_id_mapped_binds(options);
  if (options.namespaces.joins_any()) joined.open(options);
  open_pipes_to_command(options);
  // From here on a signal is data, and does not end nsrun while a cgroup is to be removed.
  inherited.block(watched_signals());
  if (options.process.cgroup != nullptr) cgroup.open(options.process.cgroup);
}

}  // namespace nsrun
