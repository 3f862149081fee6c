// Passes all registers, as they are at the entry point, and the stack to dump_main.
    .text
    .globl dump_start
    .type dump_start, @function
    .balign 4
dump_start:
    addi.d $sp, $sp, -256
    st.d $r1, $sp, 0
    st.d $r2, $sp, 8
    st.d $r4, $sp, 16
    st.d $r5, $sp, 24
    st.d $r6, $sp, 32
    st.d $r7, $sp, 40
    st.d $r8, $sp, 48
    st.d $r9, $sp, 56
    st.d $r10, $sp, 64
    st.d $r11, $sp, 72
    st.d $r12, $sp, 80
    st.d $r13, $sp, 88
    st.d $r14, $sp, 96
    st.d $r15, $sp, 104
    st.d $r16, $sp, 112
    st.d $r17, $sp, 120
    st.d $r18, $sp, 128
    st.d $r19, $sp, 136
    st.d $r20, $sp, 144
    st.d $r21, $sp, 152
    st.d $r22, $sp, 160
    st.d $r23, $sp, 168
    st.d $r24, $sp, 176
    st.d $r25, $sp, 184
    st.d $r26, $sp, 192
    st.d $r27, $sp, 200
    st.d $r28, $sp, 208
    st.d $r29, $sp, 216
    st.d $r30, $sp, 224
    st.d $r31, $sp, 232
    move $a0, $sp
    addi.d $a1, $sp, 256
    ori $a2, $zero, 30
    bl dump_main
    .section .note.GNU-stack, "", @progbits
