// The capabilities of the process that becomes the command: capabilities(7).
#pragma once

#include "tools/nsrun/command_line/capabilities.h"

namespace nsrun {

/// Takes all others out of the bounding set, so that no program can get them: PR_CAPBSET_DROP.
void bound_capabilities(Capabilities wanted);

/// Gives up all others, and passes `inherited` on to a program that is not set-user-ID, whoever
/// runs it: capset(2), PR_CAP_AMBIENT. Nothing else stays inheritable (CVE-2022-29162).
void set_capabilities(Capabilities wanted, Capabilities inherited);

}  // namespace nsrun
