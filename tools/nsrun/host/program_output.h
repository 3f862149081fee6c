// Reads what a program on the host prints.
#pragma once

#include "syscalls/process.h"

namespace nsrun {

/// Executes the program argv[0], a path, with an empty environment, and discards its stderr.
/// Returns how many bytes it printed into `memory`. Returns 0 if there is no such program, if it
/// fails, or if it prints more than fits.
size_t output_of(const char* const* argv, sys::Span<unsigned char> memory);

}  // namespace nsrun
