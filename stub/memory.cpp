// Compilers emit calls of these functions even in freestanding code (GCC manual, "Standards":
// memcpy, memmove, memset, memcmp). They are hidden, so that they never clash with a program's own
// libc.
#include <stddef.h>

extern "C" {

[[gnu::used]] void* memcpy(void* to, const void* from, size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (size_t i = 0; i < size; ++i) target[i] = source[i];
  return to;
}

[[gnu::used]] void* memmove(void* to, const void* from, size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  if (target < source) return memcpy(to, from, size);
  while (size-- > 0) target[size] = source[size];
  return to;
}

[[gnu::used]] void* memset(void* to, int byte, size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  for (size_t i = 0; i < size; ++i) target[i] = static_cast<unsigned char>(byte);
  return to;
}

[[gnu::used]] int memcmp(const void* a, const void* b, size_t size) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return left[i] - right[i];
  }
  return 0;
}
}
