// riscv64: whether the stub has run as a constructor, for package nsenter of embed/go.
//
// Go's linker does not relocate this code, and the constructor does not run where it links: there the
// address is that of the first instruction. Its relocations are two that Go's linker knows by name.

#include "arch/marks.inc"

    .section .text.nsexec_is_constructed, "ax", @progbits

    .option norvc
    .globl nsexec_is_constructed
    .type nsexec_is_constructed, @function
    .balign 8
nsexec_is_constructed:
    LANDING
1:  auipc t0, %pcrel_hi(nsexec_constructed)
    addi t0, t0, %pcrel_lo(1b)
    auipc t1, 0
    addi t1, t1, -8                    // the address of 1b
    li a0, 0
    beq t0, t1, 2f
    lbu a0, 0(t0)
2:  ret
    .size nsexec_is_constructed, . - nsexec_is_constructed

    .section .note.GNU-stack, "", @progbits
