// What the C that ir2c writes needs. With IR2C_NATIVE an ordinary compiler translates it;
// otherwise CBMC reads it.
#include <stdint.h>

typedef _Bool u1;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef unsigned __int128 u128;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef __int128 s128;

#define POINTER_DIFFERENCE(a, b) pointer_difference((const u8*)(a), (const u8*)(b))

#ifdef IR2C_NATIVE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static inline u64 pointer_difference(const u8* a, const u8* b) { return (u64)(a - b); }
#define ASSERT(condition, text)            \
  {                                        \
    if (!(condition)) {                    \
      printf("does not hold: %s\n", text); \
      exit(1);                             \
    }                                      \
  }
#define ASSUME(condition)      \
  {                            \
    if (!(condition)) exit(0); \
  }
#define COPY_OBJECT(type, to, from) memcpy(to, from, sizeof(type))
#define COPY_BYTES(to, from, size) memcpy(to, from, size)
#define MOVE_BYTES(to, from, size) memmove(to, from, size)
#define SET_BYTES(to, byte, size) memset(to, byte, size)

#else

void __CPROVER_assert(_Bool, const char*);
void __CPROVER_assume(_Bool);
void* __CPROVER_allocate(__CPROVER_size_t size, _Bool zero);
#define ASSERT(condition, text) __CPROVER_assert(condition, text)
#define ASSUME(condition) __CPROVER_assume(condition)
#define COPY_OBJECT(type, to, from) (*(to) = *(from))
static u64 pointer_difference(const u8* a, const u8* b) {
  __CPROVER_assert(__CPROVER_same_object(a, b), "a difference of pointers into one object");
  return (u64)__CPROVER_POINTER_OFFSET(a) - (u64)__CPROVER_POINTER_OFFSET(b);
}
// Loops: the bounds are small, and each byte is checked.
#define COPY_BYTES(to, from, size) copy_bytes(to, from, size)
#define MOVE_BYTES(to, from, size) move_bytes(to, from, size)
#define SET_BYTES(to, byte, size) set_bytes(to, byte, size)
static void copy_bytes(u8* to, const u8* from, u64 size) {
  __CPROVER_assert(
      !__CPROVER_same_object(to, from) || size == 0 || to + size <= from || from + size <= to,
      "memcpy of objects that do not overlap");
  for (u64 i = 0; i < size; ++i) to[i] = from[i];
}
static void move_bytes(u8* to, const u8* from, u64 size) {
  if (__CPROVER_same_object(to, from) && to > from) {
    for (u64 i = size; i != 0; --i) to[i - 1] = from[i - 1];
  } else {
    for (u64 i = 0; i < size; ++i) to[i] = from[i];
  }
}
static void set_bytes(u8* to, u8 byte, u64 size) {
  for (u64 i = 0; i < size; ++i) to[i] = byte;
}
// Memory of its own, with any content.
u8* nondet_memory(u64 size) { return __CPROVER_allocate(size, 0); }

#endif

// After undefined behaviour nothing can be said.
#define UNDEFINED_BEHAVIOUR(what)               \
  {                                             \
    ASSERT(0, "no undefined behaviour: " what); \
    ASSUME(0);                                  \
  }
#define UNREACHABLE() UNDEFINED_BEHAVIOUR("unreachable")
