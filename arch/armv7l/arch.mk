# armv7l: toolchain and the flags that only this machine needs.
CROSS         := arm-linux-gnueabihf-
CLANG_TARGET  := armv7-linux-gnueabihf
GOARCH        := arm
# Thumb-2 code, and no VFP and NEON, so these registers reach the real entry unchanged.
ARCH_CXXFLAGS := -march=armv7-a+fp -mthumb -mgeneral-regs-only
ARCH_CXXFLAGS_WHOLE := -fno-gcse
# glibc's structures of files and times, in the tests, with sizes of 64 bits.
ARCH_CXXFLAGS_HOSTED := -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -Wno-psabi
# The linker reserves the first three words.
GOT_RESERVED  := 12
# ARM code: Go's linker does not know the branches of Thumb code.
ARCH_CXXFLAGS_GO := -marm
# Before the label of a function in Thumb code.
ARCH_FUNCTION := .thumb_func
LD_EMULATION  := armelf_linux_eabi
# Text and read-only data of the stub.
SIZE_BUDGET    = 0x3800
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = 96
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := armhf
KERNEL_PACKAGE := linux-image-armmp
KERNEL        ?= sid
QEMU_USER     := qemu-arm
QEMU_SYSTEM   := qemu-system-arm -M virt -cpu cortex-a15
QEMU_APPEND   := console=ttyAMA0
