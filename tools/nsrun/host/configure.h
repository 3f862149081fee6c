// What only the host may do for a container that has been started.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/host/container_files.h"
#include "tools/nsrun/host/init_pipe.h"

namespace nsrun {

/// Writes the id maps that the options say, for a process in a user namespace that has none yet.
void write_id_maps(const Options& options, const ContainerFiles& files);

/// Writes the id maps of the container's first process and, where there is no stub that does it,
/// its oom_score_adj; then lets it go on. The container may not do it itself, and waits until all
/// of it is done. Silences the pipe where nothing more is expected on it.
void configure_container(const Options& options, sys::Pid container, bool by_stages,
                         InitPipe& init_pipe);

}  // namespace nsrun
