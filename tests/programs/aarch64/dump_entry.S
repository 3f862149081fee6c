// Passes all registers, as they are at the entry point, and the stack to dump_main.
    .text
    .globl dump_start
    .type dump_start, @function
    .p2align 2
dump_start:
    stp x0, x1, [sp, #-256]!
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x19, [sp, #144]
    stp x20, x21, [sp, #160]
    stp x22, x23, [sp, #176]
    stp x24, x25, [sp, #192]
    stp x26, x27, [sp, #208]
    stp x28, x29, [sp, #224]
    stp x30, xzr, [sp, #240]
    mov x0, sp
    add x1, sp, #256
    mov x2, #32
    bl dump_main
    .section .note.GNU-stack, "", @progbits
