// What nsrun prepares before it starts the container.
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/common/signals.h"
#include "tools/nsrun/host/caller.h"
#include "tools/nsrun/host/cgroup.h"
#include "tools/nsrun/host/gate.h"
#include "tools/nsrun/host/joined_processes.h"
#include "tools/nsrun/host/lock_files.h"
#include "tools/nsrun/host/pid_file.h"

namespace nsrun {

struct Preparation {
  Preparation(const stub::InitialStack& initial_stack, const Options& parsed)
      : stack(initial_stack), options(parsed), started(sys::nanoseconds(CLOCK_MONOTONIC)) {}

  /// Opens what the options name, so that errors are reported before anything is started, and
  /// blocks signals. Ends nsrun on an error.
  void open();

  const stub::InitialStack& stack;
  const Options& options;
  const int64_t started;  ///< CLOCK_MONOTONIC, nanoseconds
  InheritedSignals inherited;
  JoinedProcesses joined;
  PidFile pid_file;
  Cgroup cgroup;
  sys::Fd mounts;  ///< a socket that holds the mounts of --bind-idmap (id_mapped_binds.h)
  Caller caller;
  Gate gate;
  LockFiles locks;
};

}  // namespace nsrun
