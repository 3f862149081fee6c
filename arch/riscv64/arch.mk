# riscv64: toolchain and the flags that only this machine needs.
CROSS         := riscv64-linux-gnu-
CLANG_TARGET  := riscv64-linux-gnu
GOARCH        := riscv64
# No relaxation: in a program that is not position-independent the linker would address data through gp,
# which _start has not set yet.
ARCH_ASFLAGS  := -mno-relax
# The ABI passes floating-point numbers in registers, so these cannot be switched off. GCC can be told not
# to use them, Clang uses none without being asked.
ARCH_CXXFLAGS  = -mno-relax -msmall-data-limit=0 \
                 $(if $(IS_CLANG),-mno-implicit-float,$(foreach register,0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 \
                 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31,-ffixed-f$(register)))
ARCH_CXXFLAGS_WHOLE :=
GOT_RESERVED := 24
LD_EMULATION  := elf64lriscv
SIZE_BUDGET    = 0x5000
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = 120
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := riscv64
KERNEL_PACKAGE := linux-image-riscv64
KERNEL        ?= sid
QEMU_USER     := qemu-riscv64
QEMU_SYSTEM   := qemu-system-riscv64 -M virt
QEMU_APPEND   := console=ttyS0
