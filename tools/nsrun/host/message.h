// The bootstrap message: the encoder of parent/, in nsrun's namespace.
#pragma once

#include "parent/message.h"

namespace nsrun {

using parent::MessageWriter;

}  // namespace nsrun
