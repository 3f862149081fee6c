// loongarch64: how the constructor for Go programs (embed/go/constructor.cpp) addresses its data.
//
// Go's linker reads this object's relocations and refuses those of the usual two instructions,
// pcalau12i and addi.d. It knows the one of a word that holds the distance to a symbol. So GCC is
// told to leave addresses to the assembler (-mexplicit-relocs=none), and to keep $t8 free for this
// macro, which takes the place of the assembler's own la.local.
#pragma once

asm(".macro la.local register, symbol\n"
    "    pcaddi \\register, 4\n"  // the address of the word, in instructions from here
    "    ld.w $t8, \\register, 0\n"
    "    add.d \\register, \\register, $t8\n"
    "    b .Lbehind\\@\n"
    ".Lword\\@:\n"
    "    .long 0\n"
    "    .reloc .Lword\\@, R_LARCH_32_PCREL, \\symbol\n"
    ".Lbehind\\@:\n"
    ".endm\n");
