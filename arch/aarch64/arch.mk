# aarch64: toolchain and the flags that only this machine needs.
CROSS         := aarch64-linux-gnu-
CLANG_TARGET  := aarch64-linux-gnu
# The vector registers reach the real entry untouched. Tiny: adr reaches all of the stub, wherever it
# lies; adrp would want it at a multiple of 4096.
ARCH_CXXFLAGS := -mgeneral-regs-only -mcmodel=tiny
ARCH_CXXFLAGS_WHOLE :=
GOT_RESERVED := 32
LD_EMULATION  := aarch64linux
SIZE_BUDGET    = 0x5000
# Test rig: Debian's name, QEMU and its console.
DEBIAN_ARCH   := arm64
QEMU_USER     := qemu-aarch64
QEMU_SYSTEM   := qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on
QEMU_CONSOLE  := ttyAMA0
