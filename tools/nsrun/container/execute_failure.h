// Why COMMAND could not be executed, in words.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/environment.h"

namespace nsrun {

/// Prints it: `error` is what execute() has given. Looks at the files that are at fault, which are
/// the container's: the interpreter of a script or of an ELF file, a program of another machine.
void explain_failure(const Options& options, const char* name,
                     const CommandEnvironment& environment, sys::Errno error);

}  // namespace nsrun
