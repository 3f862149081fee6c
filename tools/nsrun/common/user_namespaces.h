// Whether user namespaces can be created here, and if not, why: user_namespaces(7), namespaces(7).
#pragma once

#include "syscalls/errno_names.h"
#include "syscalls/text.h"

namespace nsrun {

/// Whether this kernel has user namespaces and their limit is not 0. For --unshare-user-try.
bool has_user_namespaces();

/// Appends why a user namespace could not be created, and what to do about it.
void explain_refused_user_namespace(sys::StringBuilder& reason, sys::Errno error);

/// Appends why an id map was refused, and what to do about it.
void explain_refused_id_map(sys::StringBuilder& reason, sys::Errno error);

}  // namespace nsrun
