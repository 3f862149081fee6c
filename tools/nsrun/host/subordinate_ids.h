// --map-auto: the ids that a user has been given besides his own. subuid(5), subgid(5).
#pragma once

#include "tools/nsrun/host/id_map.h"

namespace nsrun {

/// Adds to the map what /etc/subuid or /etc/subgid gives to the user with that id, from 1 on
/// inside, but for what is in the map already. Where the file has nothing, getsubids(1) is asked:
/// they may come from a directory service. Ends nsrun where there is nothing.
void add_subordinate_ids(IdMap& map, bool of_groups, unsigned uid);

}  // namespace nsrun
