// ppc64le: nsexec_start jumps here by default. This is an archive member of its own, so it is
// linked in only if nsexec_real_entry is not defined elsewhere (by an object, or by
// -Wl,--defsym=nsexec_real_entry=...). r12 and ctr hold its own address at entry, and _start's at
// the jump.

    .section .text.nsexec_real_entry, "ax", @progbits

    .globl nsexec_real_entry
    .hidden nsexec_real_entry
    .type nsexec_real_entry, @function
    .p2align 2
nsexec_real_entry:
    .weak _start
    .hidden _start
    addis 12, 12, (_start - nsexec_real_entry)@ha
    addi 12, 12, (_start - nsexec_real_entry)@l
    mtctr 12
    bctr
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", @progbits
