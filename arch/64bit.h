// What the kernel's interface has in common on machines of 64 bits. arch/32bit.h gives the same
// names on machines of 32 bits, where they mean other calls and structures.
#pragma once

#include <stdint.h>

#include <asm/unistd.h>

struct stat;
struct statfs;

namespace arch {

// Ids of 32 bits.
inline constexpr long kGetuid = __NR_getuid;
inline constexpr long kGeteuid = __NR_geteuid;
inline constexpr long kGetgid = __NR_getgid;
inline constexpr long kGetegid = __NR_getegid;
inline constexpr long kSetuid = __NR_setuid;
inline constexpr long kSetgid = __NR_setgid;
inline constexpr long kSetresuid = __NR_setresuid;
inline constexpr long kSetresgid = __NR_setresgid;
inline constexpr long kSetgroups = __NR_setgroups;
inline constexpr long kFchown = __NR_fchown;

// Times of 64 bits.
inline constexpr long kPpoll = __NR_ppoll;
inline constexpr long kClockGettime = __NR_clock_gettime;
inline constexpr long kRtSigtimedwait = __NR_rt_sigtimedwait;

// Sizes and offsets of 64 bits.
inline constexpr long kFcntl = __NR_fcntl;
inline constexpr long kMmap = __NR_mmap;
inline constexpr long kFtruncate = __NR_ftruncate;
inline constexpr long kStatfs = __NR_statfs;
inline constexpr long kFstatfs = __NR_fstatfs;
inline constexpr long kFstatat = __NR_newfstatat;
/// For open(2): allows a file of more than 2 GiB. Here every file may be larger.
inline constexpr int kLargeFile = 0;

/// The second of two types: that of 64 bits.
template <class Of32Bits, class Of64Bits>
using OfWordSize = Of64Bits;

inline long pread(long fd, long buffer, long size, int64_t offset) {
  return syscall(__NR_pread64, fd, buffer, size, offset);
}

inline long ftruncate(long fd, int64_t size) { return syscall(kFtruncate, fd, size); }

/// The kernel's answer to newfstatat, with the fields of stat(2).
using FileStatus = struct ::stat;

/// The kernel's answer to statfs(2) and fstatfs(2).
using FileSystem = struct ::statfs;

inline long statfs(long path, long status) { return syscall(kStatfs, path, status); }
inline long fstatfs(long fd, long status) { return syscall(kFstatfs, fd, status); }

}  // namespace arch
