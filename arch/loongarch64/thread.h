// loongarch64: where musl keeps its thread's id.
#pragma once

namespace arch {

/// The thread pointer. libc must have set it.
inline unsigned long thread_pointer() {
  unsigned long pointer;
  asm("move %0, $tp" : "=r"(pointer));
  return pointer;
}

/// musl's descriptor of the thread ends where the thread pointer points to
/// (arch/loongarch64/pthread_arch.h in musl: TLS_ABOVE_TP, TP_OFFSET).
inline constexpr bool kThreadEndsAtPointer = true;
inline constexpr unsigned long kThreadEnd = 0;

}  // namespace arch
