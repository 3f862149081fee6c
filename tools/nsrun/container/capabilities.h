// The capabilities of the process that becomes the command: capabilities(7).
#pragma once

#include "tools/nsrun/command_line/capabilities.h"

namespace nsrun {

/// Removes all other capabilities from the bounding set, so that no program can get them:
/// PR_CAPBSET_DROP.
void bound_capabilities(Capabilities wanted);

/// Drops all other capabilities, and makes `inherited` ambient, so that any program that is not
/// set-user-ID gets them: capset(2), PR_CAP_AMBIENT. Nothing else stays inheritable
/// (CVE-2022-29162).
void set_capabilities(Capabilities wanted, Capabilities inherited);

}  // namespace nsrun
