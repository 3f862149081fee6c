// --map-auto: the ids that a user has been given besides his own. subuid(5), subgid(5).
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Appends to an id map what `file` (/etc/subuid, /etc/subgid) gives to the user with that id, from
/// 1 on, a line for each range. Ends nsrun where there is nothing.
void append_subordinate_ids(sys::StringBuilder& map, const char* file, unsigned uid);

}  // namespace nsrun
