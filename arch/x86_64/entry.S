// x86_64: the ELF entry point, and the hand-over to the program's own.
//
// At exec (System V psABI for AMD64, 3.4.1) rsp points to argc and is 16-byte aligned, rdx holds a
// function to register with atexit (0 from the kernel, _dl_fini from ld.so), rbp is unspecified
// (the kernel gives 0), and so are all others. A program may rely on any register, so every
// register that a C function may change is saved and restored: the real entry sees the same
// register file and the same stack pointer as nsexec_start did.

#include "arch/marks.inc"

    .section .text.nsexec_start, "ax", @progbits

    .globl nsexec_start
    .type nsexec_start, @function
nsexec_start:
    .cfi_startproc
    .cfi_undefined rip
    LANDING
    push %rax
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %rbx                          // ten words: rsp stays 16-byte aligned for the call
    lea 80(%rsp), %rdi                 // the initial stack
    lea nsexec_config(%rip), %rsi
    call nsexec_blob
    pop %rbx
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rax
    jmp nsexec_real_entry
    .ascii "nsexec stub here"            // package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", @progbits
