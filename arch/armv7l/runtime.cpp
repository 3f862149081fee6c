// armv7l: the functions that compilers call for what the machine cannot do in a few instructions:
// Run-time ABI for the Arm Architecture, 4.3. Other programs have them from libgcc. Hidden, so that
// they never clash with those.
#include <stddef.h>
#include <stdint.h>

extern "C" {

void* memcpy(void* to, const void* from, size_t size);
void* memmove(void* to, const void* from, size_t size);
void* memset(void* to, int byte, size_t size);

/// The quotient of two integers of 64 bits, and their remainder. Bit by bit: not every ARMv7 has an
/// instruction that divides.
[[gnu::used]] uint64_t nsexec_divide(uint64_t n, uint64_t d, uint64_t* rest) {
  uint64_t quotient = 0;
  uint64_t left = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const bool carry = (left >> 63) != 0;
    left = left << 1 | (n >> bit & 1);
    if (!carry && left < d) continue;
    left -= d;
    quotient |= uint64_t{1} << bit;
  }
  *rest = left;
  return quotient;
}

[[gnu::used]] int64_t nsexec_divide_signed(int64_t n, int64_t d, int64_t* rest) {
  const auto magnitude = [](int64_t value) {
    return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  };
  uint64_t left = 0;
  const uint64_t quotient = nsexec_divide(magnitude(n), magnitude(d), &left);
  *rest = static_cast<int64_t>(n < 0 ? 0 - left : left);
  return static_cast<int64_t>((n < 0) != (d < 0) ? 0 - quotient : quotient);
}

// The quotient in r0 and r1, the remainder in r2 and r3.
#define QUOTIENT_AND_REMAINDER(function) \
  asm("push {r4, lr}\n\t"                \
      "sub sp, #16\n\t"                  \
      "add r4, sp, #8\n\t"               \
      "str r4, [sp]\n\t"                 \
      "bl " #function                    \
      "\n\t"                             \
      "ldr r2, [sp, #8]\n\t"             \
      "ldr r3, [sp, #12]\n\t"            \
      "add sp, #16\n\t"                  \
      "pop {r4, pc}")
[[gnu::used, gnu::naked]] void __aeabi_uldivmod() { QUOTIENT_AND_REMAINDER(nsexec_divide); }
[[gnu::used, gnu::naked]] void __aeabi_ldivmod() { QUOTIENT_AND_REMAINDER(nsexec_divide_signed); }

// The quotient in r0, the remainder in r1.
[[gnu::used]] uint64_t __aeabi_uidivmod(uint32_t n, uint32_t d) {
  uint64_t left = 0;
  const auto quotient = static_cast<uint32_t>(nsexec_divide(n, d, &left));
  return left << 32 | quotient;
}
[[gnu::used]] uint64_t __aeabi_idivmod(int32_t n, int32_t d) {
  int64_t left = 0;
  const auto quotient = static_cast<uint32_t>(nsexec_divide_signed(n, d, &left));
  return static_cast<uint64_t>(left) << 32 | quotient;
}
[[gnu::used]] uint32_t __aeabi_uidiv(uint32_t n, uint32_t d) {
  return static_cast<uint32_t>(__aeabi_uidivmod(n, d));
}
[[gnu::used]] int32_t __aeabi_idiv(int32_t n, int32_t d) {
  return static_cast<int32_t>(__aeabi_idivmod(n, d));
}

// Clang calls these in the place of the functions of stub/memory.cpp.
[[gnu::used]] void __aeabi_memcpy(void* to, const void* from, size_t size) {
  memcpy(to, from, size);
}
[[gnu::used]] void __aeabi_memmove(void* to, const void* from, size_t size) {
  memmove(to, from, size);
}
[[gnu::used]] void __aeabi_memset(void* to, size_t size, int byte) { memset(to, byte, size); }
[[gnu::used]] void __aeabi_memclr(void* to, size_t size) { memset(to, 0, size); }
// The same, for addresses that are multiples of 4 and of 8.
[[gnu::used, gnu::nothrow, gnu::alias("__aeabi_memcpy")]] void __aeabi_memcpy4(void*, const void*,
                                                                               size_t);
[[gnu::used, gnu::nothrow, gnu::alias("__aeabi_memcpy")]] void __aeabi_memcpy8(void*, const void*,
                                                                               size_t);
[[gnu::used, gnu::nothrow, gnu::alias("__aeabi_memset")]] void __aeabi_memset4(void*, size_t, int);
[[gnu::used, gnu::nothrow, gnu::alias("__aeabi_memset")]] void __aeabi_memset8(void*, size_t, int);
[[gnu::used, gnu::nothrow, gnu::alias("__aeabi_memclr")]] void __aeabi_memclr4(void*, size_t);
[[gnu::used, gnu::nothrow, gnu::alias("__aeabi_memclr")]] void __aeabi_memclr8(void*, size_t);
}
