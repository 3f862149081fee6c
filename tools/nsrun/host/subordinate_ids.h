// --map-auto: the subordinate ids of a user. subuid(5), subgid(5).
#pragma once

#include "tools/nsrun/host/id_map.h"

namespace nsrun {

/// Adds the ids that /etc/subuid or /etc/subgid gives to the user `uid`, from 1 on inside, except
/// those that the map already has. If the file gives none, asks getsubids(1), which knows directory
/// services. Ends nsrun if there are none at all.
void add_subordinate_ids(IdMap& map, bool of_groups, unsigned uid);

}  // namespace nsrun
