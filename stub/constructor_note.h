// For parents that look whether a program runs the stub from a constructor: docs/protocol.md,
// "Marks". To be included by the file that has the constructor, once a program.
#pragma once

// A note is the sizes of its name and of its description, its type, and the name (elf(5)).
asm(".pushsection .note.nsexec, \"a\", %note\n"
    ".balign 4\n"
    ".long 17, 0, 1\n"
    ".asciz \"nsexec stub init\"\n"
    ".balign 4\n"
    ".popsection");
