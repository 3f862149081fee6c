// aarch64: branch target identification in assembly. LANDING: where an indirect branch may come
// down, and the note that says that this object keeps the rule, without which a program that links
// it in would lose its own mark (ELF for the Arm 64-bit Architecture, program property).
#pragma once

#define LANDING hint #34  // bti c, which older assemblers and processors take for nop

    .pushsection .note.gnu.property, "a", %note
    .p2align 3
    .word 4                // the name
    .word 16               // the properties
    .word 5                // NT_GNU_PROPERTY_TYPE_0
    .asciz "GNU"
    .word 0xc0000000       // GNU_PROPERTY_AARCH64_FEATURE_1_AND
    .word 4
    .word 1                // BTI
    .word 0
    .popsection
