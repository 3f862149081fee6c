// Whether the running binary is sealed already.
#pragma once

namespace stub::seal {

/// Returns the name of the proof, for the log, or null for "no". A wrong "yes" would be a hole, a
/// wrong "no" costs one execution. `copied` says whether _LIBCONTAINER_CLONED_BINARY is set.
const char* proof(bool copied);

}  // namespace stub::seal
