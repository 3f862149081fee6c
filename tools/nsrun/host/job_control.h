// Ctrl-Z, fg and bg, if the container is a job of the caller's shell.
#pragma once

#include "syscalls/process.h"

namespace nsrun {

/// Stops or continues COMMAND. It has a session of its own, so the shell does not reach it. It is
/// stopped by SIGSTOP, because the kernel ignores the other stop signals there: no process in
/// COMMAND's session could continue it (setpgid(2), "orphaned"). With --init, the init passes the
/// signal on (init.h).
void stop_container(sys::Pid container, bool has_init);
void continue_container(sys::Pid container, bool has_init);

/// Stops as SIGTSTP stops a program: this process, which has the signal blocked, or with `group`
/// the whole job. Returns when it is continued, or at once if no process could continue it.
void stop_here(bool group);

}  // namespace nsrun
