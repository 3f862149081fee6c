// Named points of the flow. In the library they are nothing at all; a test build stops at them, so
// that tests can kill whom they like exactly there.
#pragma once

#include "stub/job.h"

namespace stub {

#ifdef NSEXEC_CHECKPOINTS
/// Where `name` is what _NSEXEC_CHECKPOINT says: says so on the fd in _NSEXEC_CHECKPOINT_FD, and
/// waits there for one byte, or for the end.
void checkpoint(const Job& job, const char* name);
#else
inline void checkpoint(const Job& /*job*/, const char* /*name*/) {}
#endif

}  // namespace stub
