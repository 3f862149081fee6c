// armv7l: whether the stub has run as a constructor, for package nsenter of embed/go. ARM code, as
// Go's own is.
//
// Go's linker does not relocate this code, and the constructor does not run where it links: there the
// word stays 0. The system's linker makes it the distance to nsexec_constructed.

    .syntax unified
    .arm
    .section .text.nsexec_is_constructed, "ax", %progbits

    .globl nsexec_is_constructed
    .type nsexec_is_constructed, %function
    .balign 8
nsexec_is_constructed:
    adr r0, 1f
    ldr r1, [r0]
    cmp r1, #0
    ldrbne r1, [r0, r1]
    mov r0, r1
    bx lr
1:  .word nsexec_constructed - 1b
    .size nsexec_is_constructed, . - nsexec_is_constructed

    .section .note.GNU-stack, "", %progbits
