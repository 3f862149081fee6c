// i686: the real entry point of our own freestanding programs. The stub jumps here with the stack as
// at exec. C++ needs the stack as an argument, and esp at a multiple of 16 before the call.

    .section .text.nsexec_real_entry, "ax", @progbits

    .globl nsexec_real_entry
    .type nsexec_real_entry, @function
nsexec_real_entry:
    .cfi_startproc
    .cfi_undefined eip
    xor %ebp, %ebp
    mov %esp, %eax
    and $-16, %esp
    sub $12, %esp
    push %eax
    call program_main
    .cfi_endproc
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", @progbits
