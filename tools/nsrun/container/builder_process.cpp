#include "tools/nsrun/container/builder_process.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

sys::Result<sys::Pid> fork_builder(const Options& options, Shared shared) {
  // A high pid, so that in a new pid namespace the next pid is left for the command's first child.
  sys::Pid pid = 300;
  clone_args arguments{};
  arguments.flags = static_cast<unsigned>(shared);
  arguments.exit_signal = 0;  // no signal, so that this process can wait for it whatever the caller
                              // does with SIGCHLD
  if (options.creates(CLONE_NEWPID)) {
    arguments.set_tid = reinterpret_cast<uintptr_t>(&pid);
    arguments.set_tid_size = 1;
    const auto born = sys::clone3(arguments);
    if (born) return born;
  }
  // Before Linux 5.5, or if a filter refuses clone3.
  return sys::clone(static_cast<unsigned>(shared));
}

void wait_for_builder(sys::Pid builder) {
  const auto ended = check(sys::wait(builder, __WALL), "wait");
  if (!ended.exited()) fail("build the file system", nullptr, "killed");
  if (ended.exit_status() != 0) sys::exit(ended.exit_status());
}

}  // namespace nsrun
