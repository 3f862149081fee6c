// i686: nsexec_start jumps here by default. This is an archive member of its own, so it is linked
// in only if nsexec_real_entry is not defined elsewhere (by an object, or by
// -Wl,--defsym=nsexec_real_entry=...). A jump changes no register.

    .section .text.nsexec_real_entry, "ax", @progbits

    .globl nsexec_real_entry
    .hidden nsexec_real_entry
    .type nsexec_real_entry, @function
nsexec_real_entry:
    .weak _start
    .hidden _start
    jmp _start
    .size nsexec_real_entry, . - nsexec_real_entry

    .section .note.GNU-stack, "", @progbits
