// s390x: where musl keeps its thread's id.
#pragma once

namespace arch {

/// Not known for this machine: a dynamic program of musl's, started as an init process, has the tid
/// of stage 0 stored for its first thread (docs/porting.md).
inline int* musl_tid(int /*tid*/) { return nullptr; }

}  // namespace arch
