# i686: toolchain and the flags that only this machine needs.
CROSS         := i686-linux-gnu-
CLANG_TARGET  := i686-linux-gnu
GOARCH        := 386
# No x87 and SSE, so these registers reach the real entry unchanged.
ARCH_CXXFLAGS := -march=i686 -mgeneral-regs-only
# Small structures, such as a result, are returned in registers: no other code calls these functions.
ARCH_CXXFLAGS_WHOLE := -fno-inline-functions-called-once -fno-cse-follow-jumps -fno-tree-tail-merge -fno-tree-loop-im -fconserve-stack -fno-forward-propagate \
                       -malign-data=abi -mpreferred-stack-boundary=2 -freg-struct-return -fno-tree-sra \
                       -fno-tree-coalesce-vars -fno-shrink-wrap -fno-optimize-sibling-calls -fno-code-hoisting \
                       -fno-tree-dominator-opts -fno-ipa-icf -fno-schedule-insns2 -fno-tree-vrp
# glibc's structures of files and times, in the tests, with sizes of 64 bits.
ARCH_CXXFLAGS_HOSTED := -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
# Position-independent code refers to _GLOBAL_OFFSET_TABLE_, which has three words.
GOT_RESERVED  := 12
LD_EMULATION  := elf_i386
# Text and read-only data of the stub.
SIZE_BUDGET    = 0x4000
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = 114
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := i386
KERNEL_PACKAGE := linux-image-686-pae
QEMU_USER     := qemu-i386
QEMU_SYSTEM   := qemu-system-i386 -accel tcg -cpu max
QEMU_APPEND   := console=ttyS0
