// i686: the ELF entry point, and the hand-over to the program's own.
//
// At exec (System V psABI for Intel386, 2.3) esp points to argc and is 16-byte aligned, edx holds a
// function to register with atexit (0 from the kernel, _dl_fini from ld.so), ebp is unspecified (the
// kernel gives 0), and so are all others. A program may rely on any register, so every register that
// a C function may change is saved and restored: the real entry sees the same register file and the
// same stack pointer as nsexec_start did.

    .section .text.nsexec_start, "ax", @progbits

    .globl nsexec_start
    .type nsexec_start, @function
nsexec_start:
    .cfi_startproc
    .cfi_undefined eip
    push %eax
    push %ecx
    push %edx
    push %ebx
    lea 16(%esp), %eax                 // the initial stack
    call 1f
1:  pop %ecx
    add $nsexec_config - 1b, %ecx
    sub $8, %esp                       // esp stays 16-byte aligned for the call
    push %ecx
    push %eax
    call nsexec_blob
    add $16, %esp
    pop %ebx
    pop %edx
    pop %ecx
    pop %eax
    jmp nsexec_real_entry
    .ascii "nsexec stub here"            // package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", @progbits
