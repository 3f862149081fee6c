// Passes the registers, as they are at the entry point, and the stack to dump_main. Leaves out r12
// and ctr, because they hold this function's address.
    .text
    .globl dump_start
    .type dump_start, @function
    .p2align 2
    .set FRAME, 256
dump_start:
    addi 1, 1, -FRAME
    std 0, 0(1)
    std 2, 8(1)
    std 3, 16(1)
    std 4, 24(1)
    std 5, 32(1)
    std 6, 40(1)
    std 7, 48(1)
    std 8, 56(1)
    std 9, 64(1)
    std 10, 72(1)
    std 11, 80(1)
    std 13, 88(1)
    std 14, 96(1)
    std 15, 104(1)
    std 16, 112(1)
    std 17, 120(1)
    std 18, 128(1)
    std 19, 136(1)
    std 20, 144(1)
    std 21, 152(1)
    std 22, 160(1)
    std 23, 168(1)
    std 24, 176(1)
    std 25, 184(1)
    std 26, 192(1)
    std 27, 200(1)
    std 28, 208(1)
    std 29, 216(1)
    std 30, 224(1)
    std 31, 232(1)
    mflr 0
    std 0, 240(1)
    li 0, 0
    std 0, 248(1)
    addi 5, 1, FRAME                   // the initial stack, as arch/ppc64le/entry.S finds it
    ld 0, 0(5)
    cmpdi 0, 0
    bne 1f
    cmpdi 4, 0
    beq 1f
    addi 5, 4, -8
1:
    mr 3, 1
    mr 4, 5
    li 5, 32
    li 0, 0
    addis 2, 12, (.TOC. - dump_start)@ha
    addi 2, 2, (.TOC. - dump_start)@l
    stdu 0, -96(1)
    bl dump_main
    nop
    .section .note.GNU-stack, "", @progbits
