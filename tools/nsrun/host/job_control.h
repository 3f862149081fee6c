// Ctrl-Z, fg and bg, where the container is a job of the caller's shell.
#pragma once

#include "syscalls/process.h"

namespace nsrun {

/// Stops or continues what runs as COMMAND, which is in a session of its own, so that the shell
/// does not reach it. SIGSTOP: the kernel ignores the other stops there, since nobody in COMMAND's
/// session could continue it (setpgid(2), "orphaned"). With --init the init passes it on (init.h).
void stop_container(sys::Pid container, bool has_init);
void continue_container(sys::Pid container, bool has_init);

/// As SIGTSTP stops a program: this process, which has it blocked, or with `group` the whole job.
/// Returns when it continues, or if nobody could continue it.
void stop_here(bool group);

}  // namespace nsrun
