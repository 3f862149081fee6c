// Objects that are too large for the stack: a caller may have limited it to a few pages
// (RLIMIT_STACK), and its arguments lie there, too.
#pragma once

#include "syscalls/memory.h"

namespace nsrun {

/// Tells this placement operator apart from the standard library's.
struct InMapping {};

}  // namespace nsrun

inline void* operator new(size_t, void* place, nsrun::InMapping) noexcept { return place; }

namespace nsrun {

/// A T in memory of its own, which nobody destroys: it lives as long as the process.
template <class T, class... Arguments>
sys::Result<T*> make_mapped(Arguments&&... arguments) {
  sys::Mapping memory;
  const auto mapped = memory.map_private(sizeof(T));
  if (!mapped) return mapped.error();
  return new (memory.release(), InMapping{}) T(static_cast<Arguments&&>(arguments)...);
}

}  // namespace nsrun
