# s390x: toolchain and the flags that only this machine needs.
CROSS         := s390x-linux-gnu-
CLANG_TARGET  := s390x-linux-gnu
# These registers then reach the real entry unchanged.
ARCH_CXXFLAGS := -msoft-float
ARCH_CXXFLAGS_WHOLE := -fno-jump-tables
GOT_RESERVED := 24
LD_EMULATION  := elf64_s390
SIZE_BUDGET    = 0x5000
# nsrun, the stripped file, in KiB.
NSRUN_KIB      = 142
# glibc has no static-PIE for this machine (no rcrt1.o).
NO_STATIC_PIE := yes
# Test rig: Debian's name, QEMU and its console.
DEBIAN_ARCH   := s390x
QEMU_USER     := qemu-s390x
QEMU_SYSTEM   := qemu-system-s390x -M s390-ccw-virtio
QEMU_CONSOLE  := ttysclp0
