// --args: reads more options from a descriptor.
#pragma once

#include "stub/initial_stack.h"

namespace nsrun {

/// If there is an --args: executes this program again, with the options from the descriptor in its
/// place. Returns if there is none. Ends nsrun on an error.
void expand_arguments(const stub::InitialStack& stack);

}  // namespace nsrun
