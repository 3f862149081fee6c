// The bootstrap message: the parent's encoder under nsrun's own name.
#pragma once

#include "parent/message.h"

namespace nsrun {

using parent::MessageWriter;

}  // namespace nsrun
