// ppc64le: where nsexec_start goes on to in a program that does not say otherwise. An archive
// member of its own: it is linked in only where nsexec_real_entry is not defined elsewhere (by an
// object, or by -Wl,--defsym=nsexec_real_entry=...). Entered, as it goes on, with its own address in
// r12 and in ctr.

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
