// What was started, in either way.
#pragma once

#include "tools/nsrun/host/init_pipe.h"

namespace nsrun {

struct Launched {
  bool by_stages = false;
  sys::Pid stage0 = 0;     ///< by stages
  sys::Pid container = 0;  ///< by one clone; by stages it comes over the init pipe
  InitPipe init_pipe;
  sys::Fd log_pipe;  ///< by stages

  [[nodiscard]] bool is_running() const { return stage0 != 0 || container != 0; }
};

}  // namespace nsrun
