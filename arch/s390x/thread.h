// s390x: where musl keeps its thread's id.
#pragma once

namespace arch {

/// The thread pointer. libc must have set it.
inline unsigned long thread_pointer() {
  unsigned long pointer;
  asm("ear %0, %%a0\n\tsllg %0, %0, 32\n\tear %0, %%a1" : "=r"(pointer));
  return pointer;
}

/// musl's descriptor of the thread begins where the thread pointer points to
/// (arch/s390x/pthread_arch.h in musl: no TLS_ABOVE_TP).
inline constexpr bool kThreadEndsAtPointer = false;
inline constexpr unsigned long kThreadEnd = 0;

}  // namespace arch
