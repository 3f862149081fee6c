// armv7l: the system call ABIs that a program may use on this machine, as a seccomp filter sees
// them (seccomp(2), <linux/audit.h>).
#pragma once

#include "arch/seccomp_abi.h"

namespace arch {

// Not inline: see NSEXEC_SHARED in syscall.h.
constexpr Abi kAbis[] = {
    {0x40000028, 54},  // AUDIT_ARCH_ARM
    {0xc00000b7, 29},  // AUDIT_ARCH_AARCH64, on a kernel of 64 bits
};

}  // namespace arch
