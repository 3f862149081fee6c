// What the proofs' harnesses share: any values, and what must hold.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {
// CBMC gives functions of this name any result.
unsigned char nondet_byte();
int nondet_int();
unsigned nondet_unsigned();
int64_t nondet_long();
uint64_t nondet_unsigned_long();
bool nondet_bool();
void __CPROVER_assume(bool condition);
void __CPROVER_assert(bool condition, const char* text);
bool __CPROVER_same_object(const void* a, const void* b);
bool __CPROVER_r_ok(const void* memory, size_t size);
bool __CPROVER_w_ok(const void* memory, size_t size);
// Returns memory of exactly that size with any content (prelude.h).
char* nondet_memory(size_t size);
}

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define PROVE(condition) __CPROVER_assert((condition), #condition)

namespace proof {

/// Any number from `least` to `most`.
inline size_t any_size(size_t least, size_t most) {
  const size_t size = nondet_unsigned_long();
  __CPROVER_assume(size >= least && size <= most);
  return size;
}

/// Memory of exactly `size` bytes, with any content.
inline char* any_bytes(size_t size) { return nondet_memory(size); }

/// Any string of exactly `length` characters, in memory that ends with its NUL.
inline char* any_string(size_t length) {
  char* const text = nondet_memory(length + 1);
  for (size_t i = 0; i < length; ++i) __CPROVER_assume(text[i] != '\0');
  text[length] = '\0';
  return text;
}

}  // namespace proof
