// armv7l: where musl keeps its thread's id.
#pragma once

namespace arch {

/// The thread pointer. libc must have set it.
inline unsigned long thread_pointer() {
  unsigned long pointer;
  asm("mrc p15, 0, %0, c13, c0, 3" : "=r"(pointer));
  return pointer;
}

/// musl's descriptor of the thread ends where the thread pointer points to
/// (arch/arm/pthread_arch.h in musl: TLS_ABOVE_TP).
inline constexpr bool kThreadEndsAtPointer = true;
inline constexpr unsigned long kThreadEnd = 0;

}  // namespace arch
