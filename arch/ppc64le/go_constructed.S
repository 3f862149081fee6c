// ppc64le: whether the stub has run as a constructor, for package nsenter of embed/go.
//
// Go's linker does not relocate this code, and the constructor does not run where it links: there the
// word stays 0. The system's linker makes it the distance to nsexec_constructed.

#include "arch/marks.inc"

    .section .text.nsexec_is_constructed, "ax", @progbits

    .globl nsexec_is_constructed
    .type nsexec_is_constructed, @function
    .balign 8
nsexec_is_constructed:
    mflr 5
    bcl 20, 31, 3f
3:  mflr 4
    mtlr 5
    addi 4, 4, 1f - 3b
    lwa 3, 0(4)
    cmpdi 3, 0
    beq 2f
    lbzx 3, 4, 3
2:  blr
1:  .long nsexec_constructed - 1b
    .size nsexec_is_constructed, . - nsexec_is_constructed

    .section .note.GNU-stack, "", @progbits
