// Whether the running binary is sealed already.
#pragma once

#include "stub/job.h"

namespace stub::seal {

/// Proves it, or says no. A wrong "yes" would be a hole, a wrong "no" costs one execution. The
/// names of the proofs are for the log: null is "no".
const char* proof(const Job& job);

}  // namespace stub::seal
