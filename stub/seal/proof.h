// Whether the running binary is sealed already.
#pragma once

namespace stub::seal {

/// Returns the name of the proof, for the log, or null for "no". A wrong "yes" would be a hole, a
/// wrong "no" costs one execution. `wanted` is the first strategy of the list (NSEXEC_SEAL_*, or
/// 0): a read-only medium counts only where a mount of the host's file would do, because a
/// container may take a lease on such a file. `copied` says whether _LIBCONTAINER_CLONED_BINARY is
/// set.
const char* proof(unsigned wanted, bool copied);

/// Whether nobody can change the content of the binary, because it is a memfd with all seals or has
/// fs-verity. An overlay over a file with fs-verity says no.
bool has_unwritable_content();

}  // namespace stub::seal
