// Protects nsrun's own binary from the container (CVE-2019-5736).
#pragma once

#include "stub/initial_stack.h"
#include "syscalls/process.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Whether this binary is on a file system that can only be read. One system call.
[[nodiscard]] bool needs_no_seal();

/// Returns why no process in a container can write to this binary, or "none" if the caller wants no
/// sealing. If the binary is not sealed yet, executes it again by the first strategy of the stub.
/// If that does not work, returns null; the stub then tries the other strategies, or reports why
/// none works.
[[nodiscard]] const char* seal_self(const stub::InitialStack& stack, const Options& options);

/// Executes this program by the first strategy of the stub. The stub then finds that it is already
/// sealed, which saves an execution. Returns if it does not work; the stub then reports why.
void execute_sealed(const stub::InitialStack& stack, const char* const* environment);

/// Seals this program once for many starts: by the first strategy of the stub, as an O_PATH fd that
/// each start executes. Not open if that does not work, or is not needed; then each start seals
/// itself. Call it while no other process has a copy of the fd table.
[[nodiscard]] sys::Fd seal_for_starts();

/// Executes such an fd. The program then knows that it is sealed, when it was started, and by which
/// process (for --die-with-parent). Returns if it does not work.
void execute_sealed_once(const stub::InitialStack& stack, int sealed, const char* const* argv,
                         sys::Pid caller);

/// CLOCK_REALTIME in microseconds: now, and when nsrun was started by the caller, before it was
/// sealed.
int64_t time_now();
int64_t time_of_start(const stub::InitialStack& stack);

}  // namespace nsrun
