// What the options make of the process that becomes the command.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Host and domain name, resource limits, niceness. While all capabilities are there.
void set_limits_and_names(const Options& options);

/// Capabilities, groups, ids, no_new_privs, in the order in which each is still allowed. Nothing of
/// the caller's inheritable capabilities is left (CVE-2022-29162).
void set_identity(const Options& options, const Joined& joined);

/// Without --init: ends with status 128+n where signal n has come while the container was set up
/// and would end the command. The kernel would drop it as soon as it is unblocked: it gives the
/// first process of a pid namespace no signal whose action is the default one.
void end_by_pending_signal(const InheritedSignals& inherited);

/// --die-with-parent: SIGKILL when the process on the other side of `socket`, the parent, ends;
/// also if it already has.
void die_with_parent(int socket);

}  // namespace nsrun
