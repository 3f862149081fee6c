// aarch64: the ELF entry point, and the hand-over to the program's own.
//
// At exec sp points to argc and is 16-byte aligned (AAPCS64, 6.4.5.1); all other registers are 0
// (start_thread), or, from ld.so, x0 holds a function to register with atexit. A program may rely
// on any register, so every register that a C function may change is saved and restored: the real
// entry sees the same register file and the same stack pointer as nsexec_start did.

#include "arch/marks.inc"

    .section .text.nsexec_start, "ax", @progbits

    .globl nsexec_start
    .type nsexec_start, @function
    .p2align 2
nsexec_start:
    .cfi_startproc
    .cfi_undefined x30
    LANDING
    stp x0, x1, [sp, #-160]!
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x30, [sp, #144]
    add x0, sp, #160                   // the initial stack
    adrp x1, nsexec_config
    add x1, x1, :lo12:nsexec_config
    bl nsexec_blob
    ldp x18, x30, [sp, #144]
    ldp x16, x17, [sp, #128]
    ldp x14, x15, [sp, #112]
    ldp x12, x13, [sp, #96]
    ldp x10, x11, [sp, #80]
    ldp x8, x9, [sp, #64]
    ldp x6, x7, [sp, #48]
    ldp x4, x5, [sp, #32]
    ldp x2, x3, [sp, #16]
    ldp x0, x1, [sp], #160
    b nsexec_real_entry
    .ascii "nsexec stub here"            // package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", @progbits
