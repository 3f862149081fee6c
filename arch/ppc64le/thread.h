// ppc64le: where musl keeps its thread's id.
#pragma once

namespace arch {

/// Not known for this machine. A dynamic musl program that is started as an init process then has
/// stage 0's tid stored for its first thread (docs/porting.md).
inline int* musl_tid(int /*tid*/) { return nullptr; }

}  // namespace arch
