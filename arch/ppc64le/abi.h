// ppc64le: the system call ABIs that a program may use on this machine, as a seccomp filter sees
// them (seccomp(2), <linux/audit.h>).
#pragma once

namespace arch {

/// An ABI: its AUDIT_ARCH_* number, and the number of ioctl(2) in it.
struct Abi {
  unsigned audit_arch;
  unsigned ioctl;
};

inline constexpr Abi kAbis[] = {
    {0xc0000015, 54},  // AUDIT_ARCH_PPC64LE
};

}  // namespace arch
