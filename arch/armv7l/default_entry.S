// armv7l: nsexec_start jumps here by default. This is an archive member of its own, so it is linked
// in only if nsexec_real_entry is not defined elsewhere (by an object, or by
// -Wl,--defsym=nsexec_real_entry=...). The address comes from the stack, so no register changes.

#include "arch/marks.inc"

    .section .text.nsexec_real_entry, "ax", %progbits

    .globl nsexec_real_entry
    .hidden nsexec_real_entry
    .type nsexec_real_entry, %function
    .p2align 2
    .thumb_func
nsexec_real_entry:
    .weak _start
    .hidden _start
    push {r0, r1}
    ldr r0, 2f
1:  add r0, pc
    str r0, [sp, #4]
    pop {r0, pc}
    .p2align 2
2:  .word _start - (1b + 4)
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", %progbits
