// Passes all registers, as they are at the entry point, and the stack to dump_main.
    .syntax unified
    .thumb
    .text
    .globl dump_start
    .type dump_start, %function
    .p2align 2
    .thumb_func
dump_start:
    push {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, ip, lr}
    mov r0, sp
    add r1, sp, #56
    mov r2, #14
    bl dump_main
    .section .note.GNU-stack, "", %progbits
