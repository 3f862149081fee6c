// i686: the system call ABIs that a program may use on this machine, as a seccomp filter sees
// them (seccomp(2), <linux/audit.h>).
#pragma once

#include "arch/seccomp_abi.h"

namespace arch {

inline constexpr Abi kAbis[] = {
    {0x40000003, 54},                // AUDIT_ARCH_I386
    {0xc000003e, 16},                // AUDIT_ARCH_X86_64, on a kernel of 64 bits
    {0xc000003e, 0x40000000 | 514},  // x32, which shares its number
};

}  // namespace arch
