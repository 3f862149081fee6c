# ppc64le: toolchain and the flags that only this machine needs.
CROSS         := powerpc64le-linux-gnu-
CLANG_TARGET  := powerpc64le-linux-gnu
GOARCH        := ppc64le
# These registers then reach the real entry unchanged. No traceback tables after each function: they
# are not used here. Clang writes none.
ARCH_CXXFLAGS  = -msoft-float -mno-altivec -mno-vsx $(if $(IS_CLANG),,-mtraceback=no)
ARCH_CXXFLAGS_WHOLE := -fno-merge-constants -fno-jump-tables -fno-schedule-insns2
# The linker puts the value of .TOC. into .got, though it is not used.
GOT_RESERVED := 8
LD_EMULATION  := elf64lppc
# Clang 14 needs more room for the same source.
SIZE_BUDGET    = $(if $(IS_CLANG),0x6000,0x5000)
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = $(if $(IS_CLANG),192,130)
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := ppc64el
KERNEL_PACKAGE := linux-image-powerpc64le
QEMU_USER     := qemu-ppc64le
QEMU_SYSTEM   := qemu-system-ppc64 -M pseries
QEMU_APPEND   := console=hvc0
