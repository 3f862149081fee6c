// This program out of the container's reach (CVE-2019-5736).
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Whether nobody in a container can write to this program, or it is not wanted. If that is not so
/// yet it is executed once more, by the stub's own first strategy. No: that did not work, and the
/// stub will find another way, or say why there is none.
[[nodiscard]] bool seal_self(const stub::InitialStack& stack, const Options& options);

/// Executes this program by the stub's own first strategy, where that is what the stub would try:
/// it then finds itself sealed already, and an execution is saved. Returns where it does not work;
/// the stub will say why.
void execute_sealed(const stub::InitialStack& stack, const Options& options,
                    const char* const* environment);

/// CLOCK_REALTIME in microseconds, and the same when nsrun was started: by itself, before it was
/// sealed.
int64_t time_now();
int64_t time_of_start(const stub::InitialStack& stack);

}  // namespace nsrun
