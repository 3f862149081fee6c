// --args: more options, from a descriptor.
#pragma once

#include "stub/initial_stack.h"

namespace nsrun {

/// Where there is --args: executes this program once more, with the options that it reads in its
/// place. Returns where there is none. Ends nsrun on an error.
void expand_arguments(const stub::InitialStack& stack);

}  // namespace nsrun
