// armv7l: the ELF entry point, and the hand-over to the program's own.
//
// At exec sp points to argc and is 8-byte aligned (AAPCS32, 6.2.1.2; the kernel gives 16), and all
// other registers are 0 (start_thread), or, from ld.so, r0 holds a function to register with atexit.
// Bit 0 of the entry point's address says that it is Thumb code. A program may rely on any register,
// so every register that a C function may change is saved and restored: the real entry, which is
// Thumb or ARM code, sees the same register file and the same stack pointer as nsexec_start did. The
// address of the real entry is loaded from the stack, because a branch to code of the other kind
// needs a register.

#include "arch/marks.inc"

    .section .text.nsexec_start, "ax", %progbits

    .globl nsexec_start
    .type nsexec_start, %function
    .p2align 2
    .thumb_func
nsexec_start:
    .cfi_startproc
    .cfi_undefined lr
    sub sp, #8
    push {r0, r1, r2, r3, ip, lr}
    ldr r0, 2f
1:  add r0, pc
    str r0, [sp, #24]
    ldr r1, 4f
3:  add r1, pc                         // the configuration
    add r0, sp, #32                    // the initial stack
    bl nsexec_blob
    pop {r0, r1, r2, r3, ip, lr}
    ldr pc, [sp], #8
    .p2align 2
2:  .word nsexec_real_entry - (1b + 4) // pc is four bytes ahead
4:  .word nsexec_config - (3b + 4)
    .ascii "nsexec stub here"            // package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", %progbits
