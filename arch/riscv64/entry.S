// riscv64: the ELF entry point, and the hand-over to the program's own.
//
// At exec sp points to argc and is 16-byte aligned (RISC-V psABI, calling convention); all other
// registers are 0 (start_thread), or, from ld.so, a0 holds a function to register with atexit. A
// program may rely on any register, so every register that a C function may change is saved and
// restored: the real entry sees the same register file and the same stack pointer as nsexec_start
// did. gp is not set yet.

#include "arch/marks.inc"

    .section .text.nsexec_start, "ax", @progbits

    .globl nsexec_start
    .type nsexec_start, @function
    .balign 4
nsexec_start:
    .cfi_startproc
    .cfi_undefined ra
    LANDING
    addi sp, sp, -128
    sd ra, 0(sp)
    sd t0, 8(sp)
    sd t1, 16(sp)
    sd t2, 24(sp)
    sd a0, 32(sp)
    sd a1, 40(sp)
    sd a2, 48(sp)
    sd a3, 56(sp)
    sd a4, 64(sp)
    sd a5, 72(sp)
    sd a6, 80(sp)
    sd a7, 88(sp)
    sd t3, 96(sp)
    sd t4, 104(sp)
    sd t5, 112(sp)
    sd t6, 120(sp)
    addi a0, sp, 128                   // the initial stack
    lla a1, nsexec_config
    call nsexec_blob
    ld ra, 0(sp)
    ld t0, 8(sp)
    ld t1, 16(sp)
    ld t2, 24(sp)
    ld a0, 32(sp)
    ld a1, 40(sp)
    ld a2, 48(sp)
    ld a3, 56(sp)
    ld a4, 64(sp)
    ld a5, 72(sp)
    ld a6, 80(sp)
    ld a7, 88(sp)
    ld t3, 96(sp)
    ld t4, 104(sp)
    ld t5, 112(sp)
    ld t6, 120(sp)
    addi sp, sp, 128
    j nsexec_real_entry
    .ascii "nsexec stub here"            // package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", @progbits
