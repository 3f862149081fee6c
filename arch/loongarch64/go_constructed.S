// loongarch64: whether the stub has run as a constructor, for package nsenter of embed/go.
//
// Go's linker does not relocate this code, and the constructor does not run where it links: there the
// word stays 0. The system's linker makes it the distance to nsexec_constructed.

#include "arch/marks.inc"

    .section .text.nsexec_is_constructed, "ax", @progbits

    .globl nsexec_is_constructed
    .type nsexec_is_constructed, @function
    .balign 8
nsexec_is_constructed:
    LANDING
    pcaddi $t0, 5                      // the address of 1f, in instructions from here
    ld.w $a0, $t0, 0
    beqz $a0, 2f
    ldx.bu $a0, $t0, $a0
2:  ret
1:  .long 0
    .reloc 1b, R_LARCH_32_PCREL, nsexec_constructed
    .size nsexec_is_constructed, . - nsexec_is_constructed

    .section .note.GNU-stack, "", @progbits
