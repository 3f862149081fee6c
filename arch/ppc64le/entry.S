// ppc64le: the ELF entry point, and the hand-over to the program's own.
//
// At exec (64-bit ELF V2 ABI, 4.1.2.1 and start_thread) r1 points to argc and is 16-byte aligned,
// r12 holds the address of the entry point, from which position-independent code computes r2, its
// table of contents; ld.so gives argc, argv, environment, auxiliary vector and a function for
// atexit in r3 to r7, and r1 then points to a frame of its own instead of the initial stack. A
// program may rely on any register, so every register that a C function may change is saved and
// restored. There are two exceptions: r12 holds the real entry's address, as the kernel would set
// it, and so does ctr, which the jump uses.

    .section .text.nsexec_start, "ax", @progbits

    .set FRAME, 224                    // linkage area 32, parameter save area 64, 16 words

    .globl nsexec_start
    .type nsexec_start, @function
    .p2align 2
nsexec_start:
    .cfi_startproc
    .cfi_undefined lr
    stdu 1, -FRAME(1)
    std 0, 96(1)
    std 2, 104(1)
    std 3, 112(1)
    std 4, 120(1)
    std 5, 128(1)
    std 6, 136(1)
    std 7, 144(1)
    std 8, 152(1)
    std 9, 160(1)
    std 10, 168(1)
    std 11, 176(1)
    mflr 0
    std 0, 184(1)
    mfcr 0
    std 0, 192(1)
    mfxer 0
    std 0, 200(1)
    addis 2, 12, (.TOC. - nsexec_start)@ha
    addi 2, 2, (.TOC. - nsexec_start)@l
    std 12, 208(1)
    addi 3, 1, FRAME                   // the initial stack, if the kernel jumped here;
    ld 0, 0(3)                         // ld.so has a frame with a back chain of 0, and
    cmpdi 0, 0                         // argv, in r4, lies on the initial stack behind argc
    bne 1f
    cmpdi 4, 0
    beq 1f                             // no: argc is 0, and the kernel's r4
    addi 3, 4, -8
1:
    addis 4, 2, nsexec_config@toc@ha
    addi 4, 4, nsexec_config@toc@l
    bl nsexec_blob
    nop
    ld 12, 208(1)
    addis 12, 12, (nsexec_real_entry - nsexec_start)@ha
    addi 12, 12, (nsexec_real_entry - nsexec_start)@l
    mtctr 12
    ld 0, 200(1)
    mtxer 0
    ld 0, 192(1)
    mtcr 0
    ld 0, 184(1)
    mtlr 0
    ld 11, 176(1)
    ld 10, 168(1)
    ld 9, 160(1)
    ld 8, 152(1)
    ld 7, 144(1)
    ld 6, 136(1)
    ld 5, 128(1)
    ld 4, 120(1)
    ld 3, 112(1)
    ld 2, 104(1)
    ld 0, 96(1)
    addi 1, 1, FRAME
    bctr
    .ascii "nsexec stub here"            // package parent of embed/go looks for it
    .cfi_endproc
    .size nsexec_start, . - nsexec_start

    .hidden nsexec_config
    .hidden nsexec_blob
    .section .note.GNU-stack, "", @progbits
