// s390x: the ELF entry point, and the hand-over to the program's own.
//
// At exec (s390x ELF ABI supplement, 1.4.1) r15 points to argc and is 8-byte aligned; ld.so gives a
// function to register with atexit in r14. A program may rely on any register, so every register
// that a C function may change is saved and restored: the real entry sees the same register file
// and the same stack pointer as nsexec_start did. A function saves registers in 160 bytes above its
// stack pointer, which its caller must provide.

    .section .text.nsexec_start, "ax", @progbits

    .globl nsexec_start
    .type nsexec_start, @function
    .balign 8
nsexec_start:
    .cfi_startproc
    .cfi_undefined %r14
    lay %r15, -216(%r15)
    stmg %r0, %r5, 160(%r15)
    stg %r14, 208(%r15)
    la %r2, 216(%r15)                  # the initial stack
    larl %r3, nsexec_config
    brasl %r14, nsexec_blob
    lg %r14, 208(%r15)
    lmg %r0, %r5, 160(%r15)
    la %r15, 216(%r15)
    jg nsexec_real_entry
    .ascii "nsexec stub here"            # package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", @progbits
