// s390x: the real entry point of our own freestanding programs. The stub jumps here with the stack
// as at exec. C++ needs the stack as an argument, and 160 bytes above its own stack pointer.

    .section .text.nsexec_real_entry, "ax", @progbits

    .globl nsexec_real_entry
    .type nsexec_real_entry, @function
    .balign 8
nsexec_real_entry:
    .cfi_startproc
    .cfi_undefined %r14
    lgr %r2, %r15
    lay %r15, -160(%r15)
    xc 0(8, %r15), 0(%r15)
    brasl %r14, program_main
    .cfi_endproc
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", @progbits
