# x86_64: toolchain and the flags that only this machine needs.
CROSS         := x86_64-linux-gnu-
CLANG_TARGET  := x86_64-linux-gnu
# No SSE: the vector registers reach the real entry untouched.
ARCH_CXXFLAGS := -mgeneral-regs-only
LD_EMULATION  := elf_x86_64
SIZE_BUDGET   := 0x4000
