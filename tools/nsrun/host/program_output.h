// What a program of the host's prints.
#pragma once

#include "syscalls/process.h"

namespace nsrun {

/// Executes the program argv[0], a path, with an empty environment and no place for its errors, and
/// gives how much it has printed into `memory`. 0 also where there is no such program, where it has
/// failed, and where it prints more than there is room for.
size_t output_of(const char* const* argv, sys::Span<unsigned char> memory);

}  // namespace nsrun
