// The system call instruction of the machine that is compiled for.
#pragma once

#if defined(__x86_64__) && !defined(__ILP32__)
#include "arch/x86_64/syscall.h"
#elif defined(__aarch64__) && !defined(__ILP32__)
#include "arch/aarch64/syscall.h"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#include "arch/ppc64le/syscall.h"
#elif defined(__s390x__)
#include "arch/s390x/syscall.h"
#else
#error "nsexec: no system calls for this machine (docs/porting.md)"
#endif
