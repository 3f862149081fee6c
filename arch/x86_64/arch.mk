# x86_64: toolchain and the flags that only this machine needs.
CROSS         := x86_64-linux-gnu-
CLANG_TARGET  := x86_64-linux-gnu
GOARCH        := amd64
# No SSE, so the vector registers reach the real entry unchanged.
ARCH_CXXFLAGS := -mgeneral-regs-only
# Marks the targets of indirect jumps (CET).
ARCH_MARKS    := -fcf-protection=full
ARCH_CXXFLAGS_WHOLE := -fno-inline-functions-called-once -fno-tree-sra -fno-tree-loop-im \
                       -malign-data=abi -fno-gcse -fno-tree-tail-merge -fno-shrink-wrap -fno-optimize-sibling-calls
LD_EMULATION  := elf_x86_64
# Text and read-only data of the stub. Clang 14 needs more room for the same source.
SIZE_BUDGET    = $(if $(IS_CLANG),0x4400,0x4000)
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = $(if $(IS_CLANG),134,112)
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := amd64
KERNEL_PACKAGE := linux-image-cloud-amd64
QEMU_USER     := qemu-x86_64
QEMU_SYSTEM   := qemu-system-x86_64 -accel tcg -cpu max
QEMU_APPEND   := console=ttyS0
