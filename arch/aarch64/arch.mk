# aarch64: toolchain and the flags that only this machine needs.
CROSS         := aarch64-linux-gnu-
CLANG_TARGET  := aarch64-linux-gnu
GOARCH        := arm64
# The vector registers then reach the real entry unchanged.
ARCH_CXXFLAGS := -mgeneral-regs-only
# Marks the targets of indirect branches (BTI).
ARCH_MARKS    := -mbranch-protection=bti
ARCH_CXXFLAGS_WHOLE := -fno-shrink-wrap -fno-tree-tail-merge
# Tiny: adr reaches all of the blob at any address, while adrp needs it at a multiple of 4096. Not
# for the library: in a large program its constants may be more than a megabyte from its code.
ARCH_CXXFLAGS_BLOB := -mcmodel=tiny
GOT_RESERVED := 32
LD_EMULATION  := aarch64linux
SIZE_BUDGET    = 0x5000
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = $(if $(IS_CLANG),137,114)
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := arm64
KERNEL_PACKAGE := linux-image-cloud-arm64
QEMU_USER     := qemu-aarch64
QEMU_SYSTEM   := qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on
QEMU_APPEND   := console=ttyAMA0
