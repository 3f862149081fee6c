// What only host/ may do for a container that has been started.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/host/container_files.h"
#include "tools/nsrun/host/init_pipe.h"

namespace nsrun {

/// Writes the id maps of the options, for a process whose user namespace has no maps yet.
void write_id_maps(const Options& options, const ContainerFiles& files);

/// Writes the id maps of the container's first process, and its oom_score_adj if no stub does that;
/// then lets the process go on. The container may not do this itself, and waits until it is done.
/// Silences the pipe if nothing more is expected on it.
void configure_container(const Options& options, sys::Pid container, bool by_stages,
                         InitPipe& init_pipe);

}  // namespace nsrun
