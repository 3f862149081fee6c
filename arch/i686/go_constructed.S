// i686: whether the stub has run as a constructor, for package nsenter of embed/go.
//
// Go's linker does not relocate this code, and the constructor does not run where it links: there the
// word stays 0. The system's linker makes it the distance to nsexec_constructed.
//
// Go's assembler leaves the addend of a call out when the system's linker links, so the call ends four
// bytes behind the function's beginning (seen with Go 1.19). There are four bytes that do nothing.

    .section .text.nsexec_is_constructed, "ax", @progbits

    .globl nsexec_is_constructed
    .type nsexec_is_constructed, @function
    .balign 8
nsexec_is_constructed:
    .skip 4, 0x90
    call 3f
3:  pop %ecx
    add $1f - 3b, %ecx
    mov (%ecx), %eax
    test %eax, %eax
    jz 2f
    movzbl (%ecx,%eax), %eax
2:  ret
    .balign 4
1:  .long nsexec_constructed - 1b
    .size nsexec_is_constructed, . - nsexec_is_constructed

    .section .note.GNU-stack, "", @progbits
