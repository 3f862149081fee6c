// ppc64le: the system call ABIs that a program may use on this machine, as a seccomp filter sees
// them (seccomp(2), <linux/audit.h>).
#pragma once

#include "arch/seccomp_abi.h"

namespace arch {

inline constexpr Abi kAbis[] = {
    {0xc0000015, 54},  // AUDIT_ARCH_PPC64LE
};

}  // namespace arch
