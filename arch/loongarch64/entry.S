// loongarch64: the ELF entry point, and the hand-over to the program's own.
//
// At exec sp points to argc and is 16-byte aligned (LoongArch ELF psABI); all other registers are 0
// (start_thread), or, from ld.so, a0 holds a function to register with atexit. A program may rely on
// any register, so every register that a C function may change is saved and restored: the real entry
// sees the same register file and the same stack pointer as nsexec_start did.

#include "arch/marks.inc"

    .section .text.nsexec_start, "ax", @progbits

    .globl nsexec_start
    .type nsexec_start, @function
    .balign 4
nsexec_start:
    .cfi_startproc
    .cfi_undefined 1
    LANDING
    addi.d $sp, $sp, -144
    st.d $ra, $sp, 0
    st.d $a0, $sp, 8
    st.d $a1, $sp, 16
    st.d $a2, $sp, 24
    st.d $a3, $sp, 32
    st.d $a4, $sp, 40
    st.d $a5, $sp, 48
    st.d $a6, $sp, 56
    st.d $a7, $sp, 64
    st.d $t0, $sp, 72
    st.d $t1, $sp, 80
    st.d $t2, $sp, 88
    st.d $t3, $sp, 96
    st.d $t4, $sp, 104
    st.d $t5, $sp, 112
    st.d $t6, $sp, 120
    st.d $t7, $sp, 128
    st.d $t8, $sp, 136
    addi.d $a0, $sp, 144                // the initial stack
    pcalau12i $a1, %pc_hi20(nsexec_config)
    addi.d $a1, $a1, %pc_lo12(nsexec_config)
    bl nsexec_blob
    ld.d $ra, $sp, 0
    ld.d $a0, $sp, 8
    ld.d $a1, $sp, 16
    ld.d $a2, $sp, 24
    ld.d $a3, $sp, 32
    ld.d $a4, $sp, 40
    ld.d $a5, $sp, 48
    ld.d $a6, $sp, 56
    ld.d $a7, $sp, 64
    ld.d $t0, $sp, 72
    ld.d $t1, $sp, 80
    ld.d $t2, $sp, 88
    ld.d $t3, $sp, 96
    ld.d $t4, $sp, 104
    ld.d $t5, $sp, 112
    ld.d $t6, $sp, 120
    ld.d $t7, $sp, 128
    ld.d $t8, $sp, 136
    addi.d $sp, $sp, 144
    b nsexec_real_entry
    .ascii "nsexec stub here"            // package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", @progbits
