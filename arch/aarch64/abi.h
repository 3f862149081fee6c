// aarch64: the system call ABIs that a program may use on this machine, as a seccomp filter sees
// them (seccomp(2), <linux/audit.h>).
#pragma once

namespace arch {

/// An ABI: its AUDIT_ARCH_* number, and the number of ioctl(2) in it.
struct Abi {
  unsigned audit_arch;
  unsigned ioctl;
};

inline constexpr Abi kAbis[] = {
    {0xc00000b7, 29},  // AUDIT_ARCH_AARCH64
    {0x40000028, 54},  // AUDIT_ARCH_ARM
};

}  // namespace arch
