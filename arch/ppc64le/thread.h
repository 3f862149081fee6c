// ppc64le: where musl keeps its thread's id.
#pragma once

namespace arch {

/// The thread pointer. libc must have set it.
inline unsigned long thread_pointer() {
  unsigned long pointer;
  asm("mr %0, 13" : "=r"(pointer));
  return pointer;
}

/// musl's descriptor of the thread ends 0x7000 bytes below the thread pointer
/// (arch/powerpc64/pthread_arch.h in musl: TLS_ABOVE_TP, TP_OFFSET).
inline constexpr bool kThreadEndsAtPointer = true;
inline constexpr unsigned long kThreadEnd = 0x7000;

}  // namespace arch
