// Whether the running binary is sealed already.
#pragma once

namespace stub::seal {

/// Proves it, or says no. A wrong "yes" would be a hole, a wrong "no" costs one execution.
/// `copied`: whether _LIBCONTAINER_CLONED_BINARY is set, the second witness. The names of the
/// proofs are for the log: null is "no".
const char* proof(bool copied);

}  // namespace stub::seal
