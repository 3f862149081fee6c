// loongarch64: the system call ABIs that a program may use on this machine, as a seccomp filter
// sees them (seccomp(2), <linux/audit.h>).
#pragma once

#include "arch/seccomp_abi.h"

namespace arch {

inline constexpr Abi kAbis[] = {
    {0xc0000102, 29},  // AUDIT_ARCH_LOONGARCH64
    {0x40000102, 29},  // AUDIT_ARCH_LOONGARCH32
};

}  // namespace arch
