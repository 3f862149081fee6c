// x86_64: whether the stub has run as a constructor, for package nsenter of embed/go.
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
    lea 1f(%rip), %rcx
    movslq (%rcx), %rax
    test %eax, %eax
    jz 2f
    movzbl (%rcx,%rax), %eax
2:  ret
    .balign 4
1:  .long nsexec_constructed - 1b
    .size nsexec_is_constructed, . - nsexec_is_constructed

    .section .note.GNU-stack, "", @progbits
