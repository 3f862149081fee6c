// x86_64: where musl keeps its thread's id.
#pragma once

namespace arch {

/// The thread pointer. libc must have set it.
inline unsigned long thread_pointer() {
  unsigned long pointer;
  asm("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
}

/// musl's descriptor of the thread begins where the thread pointer points to
/// (arch/x86_64/pthread_arch.h in musl: no TLS_ABOVE_TP).
inline constexpr bool kThreadEndsAtPointer = false;
inline constexpr unsigned long kThreadEnd = 0;

}  // namespace arch
