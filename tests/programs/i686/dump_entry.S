// Passes all registers, as they are at the entry point, and the stack to dump_main.
    .text
    .globl dump_start
    .type dump_start, @function
dump_start:
    push %ebp
    push %edi
    push %esi
    push %edx
    push %ecx
    push %ebx
    push %eax
    mov %esp, %eax
    lea 28(%esp), %ecx
    and $-16, %esp
    push $0
    push $7
    push %ecx
    push %eax
    call dump_main
    .section .note.GNU-stack, "", @progbits
