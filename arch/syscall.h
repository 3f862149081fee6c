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
#elif defined(__riscv) && __riscv_xlen == 64
#include "arch/riscv64/syscall.h"
#elif defined(__loongarch_lp64)
#include "arch/loongarch64/syscall.h"
#elif defined(__i386__)
#include "arch/i686/syscall.h"
#elif defined(__ARM_EABI__) && __ARM_ARCH >= 7 && defined(__ARMEL__)
#include "arch/armv7l/syscall.h"
#elif defined(__x86_64__)
#error \
    "nsexec: no x32, because distributions' kernels run no programs of it; build for x86_64 or i686"
#else
#error "nsexec: no system calls for this machine (docs/porting.md)"
#endif

// Before `constexpr` of an array in a header: the sources of a program share one array. A machine's
// file defines it as nothing if the compiler would address such an array through a GOT.
#ifndef NSEXEC_SHARED
#define NSEXEC_SHARED inline
#endif
