// riscv64: the system call ABIs that a program may use on this machine, as a seccomp filter sees
// them (seccomp(2), <linux/audit.h>).
#pragma once

#include "arch/seccomp_abi.h"

namespace arch {

inline constexpr Abi kAbis[] = {
    {0xc00000f3, 29},  // AUDIT_ARCH_RISCV64
    {0x400000f3, 29},  // AUDIT_ARCH_RISCV32
};

}  // namespace arch
