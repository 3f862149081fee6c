// riscv64: the real entry point of our own freestanding programs. The stub jumps here with the
// stack as at exec. C++ needs the stack as an argument.

#include "arch/marks.inc"

    .section .text.nsexec_real_entry, "ax", @progbits

    .globl nsexec_real_entry
    .type nsexec_real_entry, @function
    .balign 4
nsexec_real_entry:
    .cfi_startproc
    .cfi_undefined ra
    LANDING
    li s0, 0
    mv a0, sp
    call program_main
    .cfi_endproc
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", @progbits
