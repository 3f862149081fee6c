// Passes all registers, as they are at the entry point, and the stack to dump_main.
    .text
    .globl dump_start
    .type dump_start, @function
    .balign 8
dump_start:
    lay %r15, -128(%r15)
    stmg %r0, %r14, 0(%r15)
    xc 120(8, %r15), 120(%r15)
    lgr %r2, %r15
    la %r3, 128(%r15)
    lghi %r4, 16
    lay %r15, -160(%r15)
    brasl %r14, dump_main
    .section .note.GNU-stack, "", @progbits
