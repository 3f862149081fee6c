// x86_64: where musl keeps its thread's id.
#pragma once

namespace arch {

/// The place where musl 1.2 stores the tid of the calling thread, or null if there is no such
/// descriptor. There must be a single thread, and libc must have set the thread pointer.
///
/// fs:0 points to struct pthread (musl, src/internal/pthread_impl.h, "Part 1 -- these fields may be
/// external or internal ABI": self, dtv, prev, next, sysinfo, canary, then tid). With a single
/// thread self, prev and next all point to the descriptor itself. This check rules out other
/// objects.
inline int* musl_tid(int tid) {
  unsigned long* self;
  asm("mov %%fs:0, %0" : "=r"(self));
  const auto address = reinterpret_cast<unsigned long>(self);
  if (self[0] != address || self[2] != address || self[3] != address) return nullptr;
  int* stored = reinterpret_cast<int*>(self + 6);
  return *stored == tid ? stored : nullptr;
}

}  // namespace arch
