// /proc/self/stat: stub/stack_at_exec.h.
#include "stub/stack_at_exec.h"

#include "proofs/parsers/contracts.h"

namespace {
constexpr size_t kSize = N;
}

// A kernel that gives any kSize bytes, or no bytes or an error if kSize is 0.
extern "C" long model_syscall(long number, long /*a*/, long b, long c, long /*d*/, long /*e*/,
                              long /*f*/) {
  long answer = nondet_long();
  __CPROVER_assume(answer >= -4095 && answer != -EINTR);
  if (number == __NR_read) {
    char* const bytes = reinterpret_cast<char*>(b);
    PROVE(c >= static_cast<long>(kSize) && __CPROVER_w_ok(bytes, static_cast<size_t>(c)));
    for (size_t i = 0; i < kSize; ++i) bytes[i] = static_cast<char>(nondet_byte());
    if (kSize != 0 || answer >= 0) return kSize;
  }
  return answer;
}

extern "C" void stack_at_exec() { (void)stub::stack_at_exec(); }
