# s390x: toolchain and the flags that only this machine needs.
CROSS         := s390x-linux-gnu-
CLANG_TARGET  := s390x-linux-gnu
GOARCH        := s390x
# These registers then reach the real entry unchanged.
ARCH_CXXFLAGS := -msoft-float
ARCH_CXXFLAGS_WHOLE := -fno-jump-tables -fno-forward-propagate -fno-gcse -fno-tree-tail-merge
GOT_RESERVED := 24
LD_EMULATION  := elf64_s390
SIZE_BUDGET    = 0x5000
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = 141
# Test rig: Debian's names, QEMU, and what its kernel needs on the command line.
DEBIAN_ARCH   := s390x
KERNEL_PACKAGE := linux-image-s390x
QEMU_USER     := qemu-s390x
QEMU_SYSTEM   := qemu-system-s390x -M s390-ccw-virtio
QEMU_APPEND   := console=ttysclp0
