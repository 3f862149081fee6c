// armv7l: the real entry point of our own freestanding programs. The stub jumps here with the stack
// as at exec. C++ needs the stack as an argument.

#include "arch/marks.inc"

    .section .text.nsexec_real_entry, "ax", %progbits

    .globl nsexec_real_entry
    .type nsexec_real_entry, %function
    .p2align 1
    .thumb_func
nsexec_real_entry:
    .cfi_startproc
    .cfi_undefined lr
    mov fp, #0
    mov lr, #0
    mov r0, sp
    bl program_main
    .cfi_endproc
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", %progbits
