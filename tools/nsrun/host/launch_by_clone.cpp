#include "tools/nsrun/host/launch_by_clone.h"

#include "stub/nsexec.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/command_line/kernel_namespaces.h"
#include "tools/nsrun/host/configure.h"
#include "tools/nsrun/host/init_environment.h"
#include "tools/nsrun/host/seal.h"

namespace nsrun {

namespace {

// The namespaces in which the container's first process is created.
constexpr unsigned kByClone = CLONE_NEWUSER | kBornIn;

sys::Result<sys::Pid> clone_container(const Options& options) {
  clone_args arguments{};
  arguments.flags = options.namespaces_to_create() & kByClone;
  if (options.needs_no_outer()) arguments.flags &= ~uint64_t{CLONE_NEWUSER};
  arguments.exit_signal = SIGCHLD;
  return sys::clone3(arguments);
}

// Does the work of stages 1 and 2. The other namespaces belong to root of the user namespace. This
// process already is that root, so it creates them while the parent writes the maps, unless another
// id is to be root.
[[noreturn]] void become_container(Preparation& preparation, Handover& handover) {
  const char* const info_fd = preparation.options.reporting.info_fd;
  if (info_fd != nullptr && parse_descriptor(info_fd) > 2) {
    (void)sys::close(parse_descriptor(info_fd));
  }
  check(sys::setsid(), "setsid");
  preparation.pid_file.forget();
  run_container(preparation.stack, preparation.options, handover);
}

}  // namespace

Launched launch_by_clone(Preparation& preparation, const char* sealed) {
  const Options& options = preparation.options;
  // 1. Create a socket between the two, and collect what the container must know.
  sys::SocketPair init;
  check(init.open(SOCK_STREAM), "socketpair");
  Handover handover(init.second.get(), time_of_start(preparation.stack), preparation.inherited);
  handover.is_root = false;
  handover.mounts = preparation.mounts.get();
  append_outside(handover.outside, options);
  handover.seal << sealed;
  // 2. Clone.
  const auto born = clone_container(options);
  if (!born) {
    require_kernel(options);
    return {};
  }
  if (born.value() == 0) {
    init.first.reset();
    become_container(preparation, handover);
  }
  Launched launched;
  launched.container = born.value();
  launched.init_pipe = InitPipe(static_cast<sys::Fd&&>(init.first));
  // 3. Do what the container may not do itself. If it creates its user namespace later, it will
  //    ask.
  if (!options.needs_no_outer()) {
    configure_container(options, launched.container, false, launched.init_pipe);
  }
  return launched;
}

}  // namespace nsrun
