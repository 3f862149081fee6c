// Applies the options to the process that becomes the command.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Sets host and domain name, resource limits and niceness. Needs all capabilities.
void set_limits_and_names(const Options& options);

/// Sets capabilities, groups, ids and no_new_privs, in an order in which each step is still
/// allowed. No inheritable capability of the caller is left (CVE-2022-29162).
void set_identity(const Options& options, const Joined& joined);

/// Without --init: exits with status 128+n if signal n came during the set-up and would end the
/// command. The kernel would drop the signal when it is unblocked, because the first process of a
/// pid namespace gets no signal whose action is the default one.
void end_by_pending_signal(const InheritedSignals& inherited);

/// --die-with-parent: this process gets SIGKILL when its parent, which has the other end of
/// `socket`, ends. Exits if the parent has already ended.
void die_with_parent(int socket);

}  // namespace nsrun
