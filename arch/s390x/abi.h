// s390x: the system call ABIs that a program may use on this machine, as a seccomp filter sees them
// (seccomp(2), <linux/audit.h>).
#pragma once

#include "arch/seccomp_abi.h"

namespace arch {

inline constexpr Abi kAbis[] = {
    {0x80000016, 54},  // AUDIT_ARCH_S390X
    {0x00000016, 54},  // AUDIT_ARCH_S390
};

}  // namespace arch
