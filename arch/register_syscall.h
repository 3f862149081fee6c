// System calls of a machine that takes the number in a register of its own, and returns the result
// in the register of the first argument. arch/<arch>/syscall.h defines before it includes this:
//
//   NSEXEC_CALL              the instruction
//   NSEXEC_NUMBER            the number's register
//   NSEXEC_ARGUMENT_0 to _5  the arguments' registers
//   NSEXEC_OPERAND           the constraint of a general register
//   NSEXEC_CLOBBERED         what the instruction changes besides the result
#pragma once

namespace arch {

inline long syscall(long number) {
  register long call asm(NSEXEC_NUMBER) = number;
  register long first asm(NSEXEC_ARGUMENT_0);
  asm volatile(NSEXEC_CALL : "=" NSEXEC_OPERAND(first) : NSEXEC_OPERAND(call) : NSEXEC_CLOBBERED);
  return first;
}

inline long syscall(long number, long a) {
  register long call asm(NSEXEC_NUMBER) = number;
  register long first asm(NSEXEC_ARGUMENT_0) = a;
  asm volatile(NSEXEC_CALL : "+" NSEXEC_OPERAND(first) : NSEXEC_OPERAND(call) : NSEXEC_CLOBBERED);
  return first;
}

inline long syscall(long number, long a, long b) {
  register long call asm(NSEXEC_NUMBER) = number;
  register long first asm(NSEXEC_ARGUMENT_0) = a;
  register long second asm(NSEXEC_ARGUMENT_1) = b;
  asm volatile(NSEXEC_CALL
               : "+" NSEXEC_OPERAND(first)
               : NSEXEC_OPERAND(call), NSEXEC_OPERAND(second)
               : NSEXEC_CLOBBERED);
  return first;
}

inline long syscall(long number, long a, long b, long c) {
  register long call asm(NSEXEC_NUMBER) = number;
  register long first asm(NSEXEC_ARGUMENT_0) = a;
  register long second asm(NSEXEC_ARGUMENT_1) = b;
  register long third asm(NSEXEC_ARGUMENT_2) = c;
  asm volatile(NSEXEC_CALL
               : "+" NSEXEC_OPERAND(first)
               : NSEXEC_OPERAND(call), NSEXEC_OPERAND(second), NSEXEC_OPERAND(third)
               : NSEXEC_CLOBBERED);
  return first;
}

inline long syscall(long number, long a, long b, long c, long d) {
  register long call asm(NSEXEC_NUMBER) = number;
  register long first asm(NSEXEC_ARGUMENT_0) = a;
  register long second asm(NSEXEC_ARGUMENT_1) = b;
  register long third asm(NSEXEC_ARGUMENT_2) = c;
  register long fourth asm(NSEXEC_ARGUMENT_3) = d;
  asm volatile(NSEXEC_CALL
               : "+" NSEXEC_OPERAND(first)
               : NSEXEC_OPERAND(call), NSEXEC_OPERAND(second), NSEXEC_OPERAND(third),
                 NSEXEC_OPERAND(fourth)
               : NSEXEC_CLOBBERED);
  return first;
}

// Always inline: clone() is a call of five arguments, and a child that shares its memory must not
// return from a function (CLONE_VM without optimisation).
[[gnu::always_inline]] inline long syscall(long number, long a, long b, long c, long d, long e) {
  register long call asm(NSEXEC_NUMBER) = number;
  register long first asm(NSEXEC_ARGUMENT_0) = a;
  register long second asm(NSEXEC_ARGUMENT_1) = b;
  register long third asm(NSEXEC_ARGUMENT_2) = c;
  register long fourth asm(NSEXEC_ARGUMENT_3) = d;
  register long fifth asm(NSEXEC_ARGUMENT_4) = e;
  asm volatile(NSEXEC_CALL
               : "+" NSEXEC_OPERAND(first)
               : NSEXEC_OPERAND(call), NSEXEC_OPERAND(second), NSEXEC_OPERAND(third),
                 NSEXEC_OPERAND(fourth), NSEXEC_OPERAND(fifth)
               : NSEXEC_CLOBBERED);
  return first;
}

inline long syscall(long number, long a, long b, long c, long d, long e, long f) {
  register long call asm(NSEXEC_NUMBER) = number;
  register long first asm(NSEXEC_ARGUMENT_0) = a;
  register long second asm(NSEXEC_ARGUMENT_1) = b;
  register long third asm(NSEXEC_ARGUMENT_2) = c;
  register long fourth asm(NSEXEC_ARGUMENT_3) = d;
  register long fifth asm(NSEXEC_ARGUMENT_4) = e;
  register long sixth asm(NSEXEC_ARGUMENT_5) = f;
  asm volatile(NSEXEC_CALL
               : "+" NSEXEC_OPERAND(first)
               : NSEXEC_OPERAND(call), NSEXEC_OPERAND(second), NSEXEC_OPERAND(third),
                 NSEXEC_OPERAND(fourth), NSEXEC_OPERAND(fifth), NSEXEC_OPERAND(sixth)
               : NSEXEC_CLOBBERED);
  return first;
}

}  // namespace arch

#undef NSEXEC_CALL
#undef NSEXEC_NUMBER
#undef NSEXEC_ARGUMENT_0
#undef NSEXEC_ARGUMENT_1
#undef NSEXEC_ARGUMENT_2
#undef NSEXEC_ARGUMENT_3
#undef NSEXEC_ARGUMENT_4
#undef NSEXEC_ARGUMENT_5
#undef NSEXEC_OPERAND
#undef NSEXEC_CLOBBERED
