# loongarch64: toolchain and the flags that only this machine needs.
CROSS         := loongarch64-linux-gnu-
CLANG_TARGET  := loongarch64-linux-gnu
GOARCH        := loong64
# Go 1.19's linker does not know the relocations that GCC has written since release 13.
GO_OLDEST     := 1.20
# No relaxation: Go's linker does not know the relocations that it needs.
ARCH_ASFLAGS  := -mno-relax
# The ABI passes floating-point numbers in registers, so these cannot be switched off. GCC can be told not
# to use them.
ARCH_CXXFLAGS  = -mno-relax $(if $(IS_CLANG),-mno-lsx,-msimd=none $(foreach register,0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 \
                 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31,-ffixed-f$(register)))
ARCH_CXXFLAGS_WHOLE :=
# pcalau12i makes an address from the page of the instruction, so the blob is only right at the start of a page.
BLOB_ALIGNMENT := 4096
# For the constructor of Go programs. Clang has no such option, so Go's linker refuses what it makes.
ARCH_CXXFLAGS_GO = $(if $(IS_CLANG),,-mexplicit-relocs=none -ffixed-r20 -include arch/loongarch64/go_addresses.h)
GOT_RESERVED := 24
LD_EMULATION  := elf64loongarch
# The limits of size were measured with Debian 13's GCC.
GCC_OF_SIZES  := 14
SIZE_BUDGET    = 0x5000
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = 126
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := loong64
KERNEL_PACKAGE := linux-image-loong64
KERNEL        ?= sid
QEMU_USER     := qemu-loongarch64
QEMU_SYSTEM   := qemu-system-loongarch64 -M virt -cpu la464
# The driver of the keyboard's controller waits for one that this machine does not have.
QEMU_APPEND   := console=ttyS0 initcall_blacklist=i8042_init
