// --lock-file: the container's part.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Opens the files in the container's root, and sends them to host/, which locks them.
void send_lock_files(const Options& options, const Handover& handover);

}  // namespace nsrun
