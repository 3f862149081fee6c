// Why COMMAND could not be executed, in words.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/environment.h"

namespace nsrun {

/// Prints why: `error` is what execute() returned. Reads the container's files to find the cause:
/// the interpreter of a script or of an ELF file, or a program for another machine.
void explain_failure(const Options& options, const char* name,
                     const CommandEnvironment& environment, sys::Errno error);

}  // namespace nsrun
