// A container that has been started, by one clone or by stages.
#pragma once

#include "tools/nsrun/host/init_pipe.h"

namespace nsrun {

struct Launched {
  bool by_stages = false;
  sys::Pid stage0 = 0;     ///< only by stages
  sys::Pid container = 0;  ///< only by one clone; by stages the pid comes over the init pipe
  InitPipe init_pipe;
  sys::Fd log_pipe;  ///< only by stages

  [[nodiscard]] bool is_running() const { return stage0 != 0 || container != 0; }
};

}  // namespace nsrun
