// ppc64le: the real entry point of our own freestanding programs. The stub or the kernel jumps here
// with the stack as at exec and this address in r12. C++ needs the stack as an argument, r2 set up
// and a stack frame below.

    .section .text.nsexec_real_entry, "ax", @progbits

    .globl nsexec_real_entry
    .type nsexec_real_entry, @function
    .p2align 2
nsexec_real_entry:
    .cfi_startproc
    .cfi_undefined lr
    addis 2, 12, (.TOC. - nsexec_real_entry)@ha
    addi 2, 2, (.TOC. - nsexec_real_entry)@l
    mr 3, 1
    li 0, 0
    stdu 0, -96(1)
    mtlr 0
    bl program_main
    nop
    .cfi_endproc
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", @progbits
