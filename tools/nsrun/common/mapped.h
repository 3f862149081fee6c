// Objects that are too large for the stack. The caller may have limited the stack to a few pages
// (RLIMIT_STACK), and the arguments take part of it.
#pragma once

#include "syscalls/memory.h"

namespace nsrun {

/// Distinguishes this placement operator from that of the standard library.
struct InMapping {};

}  // namespace nsrun

inline void* operator new(size_t, void* place, nsrun::InMapping) noexcept { return place; }

namespace nsrun {

/// A T in memory of its own. It is never destroyed, and lives as long as the process.
template <class T, class... Arguments>
sys::Result<T*> make_mapped(Arguments&&... arguments) {
  sys::Mapping memory;
  const auto mapped = memory.map_private(sizeof(T));
  if (!mapped) return mapped.error();
  return new (memory.release(), InMapping{}) T(static_cast<Arguments&&>(arguments)...);
}

}  // namespace nsrun
