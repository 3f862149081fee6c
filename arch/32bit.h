// What the kernel's interface has in common on machines of 32 bits. The calls that are as old as
// the machine take ids of 16 bits, or times and sizes of 32 bits, so later calls took their place.
// arch/64bit.h gives the same names on machines of 64 bits.
#pragma once

#include <stdint.h>

#include <asm/unistd.h>

namespace arch {

// Ids of 32 bits, Linux 2.4.
inline constexpr long kGetuid = __NR_getuid32;
inline constexpr long kGeteuid = __NR_geteuid32;
inline constexpr long kGetgid = __NR_getgid32;
inline constexpr long kGetegid = __NR_getegid32;
inline constexpr long kSetuid = __NR_setuid32;
inline constexpr long kSetgid = __NR_setgid32;
inline constexpr long kSetresuid = __NR_setresuid32;
inline constexpr long kSetresgid = __NR_setresgid32;
inline constexpr long kSetgroups = __NR_setgroups32;
inline constexpr long kFchown = __NR_fchown32;

// Times of 64 bits, Linux 5.1.
inline constexpr long kPpoll = __NR_ppoll_time64;
inline constexpr long kClockGettime = __NR_clock_gettime64;
inline constexpr long kRtSigtimedwait = __NR_rt_sigtimedwait_time64;

// Sizes and offsets of 64 bits, Linux 2.4.
inline constexpr long kFcntl = __NR_fcntl64;
inline constexpr long kMmap = __NR_mmap2;
inline constexpr long kFtruncate = __NR_ftruncate64;
inline constexpr long kStatfs = __NR_statfs64;
inline constexpr long kFstatfs = __NR_fstatfs64;
inline constexpr long kFstatat = __NR_fstatat64;
/// For open(2): allows a file of more than 2 GiB. O_LARGEFILE of <linux/fcntl.h>, which libc's
/// <fcntl.h> may define as 0.
inline constexpr int kLargeFile = kOpenLargeFile;

/// The first of two types: that of 32 bits.
template <class Of32Bits, class Of64Bits>
using OfWordSize = Of32Bits;

/// The kernel's answer to statfs64 and fstatfs64: struct statfs64 of <asm/statfs.h>, 84 bytes.
struct [[gnu::packed, gnu::aligned(4)]] FileSystem {
  uint32_t f_type;
  uint32_t f_bsize;
  uint64_t f_blocks;
  uint64_t f_bfree;
  uint64_t f_bavail;
  uint64_t f_files;
  uint64_t f_ffree;
  uint32_t f_fsid[2];
  uint32_t f_namelen;
  uint32_t f_frsize;
  uint32_t f_flags;
  uint32_t f_spare[4];
};

/// The kernel's answer to fstatat64: struct stat64 of <asm/stat.h>.
struct FileStatus {
  uint64_t st_dev;
  uint32_t reserved;
  uint32_t short_ino;
  uint32_t st_mode;
  uint32_t st_nlink;
  uint32_t st_uid;
  uint32_t st_gid;
  uint64_t st_rdev;
  uint32_t reserved_too;
  int64_t st_size;
  uint32_t st_blksize;
  uint64_t st_blocks;
  uint32_t accessed[2];
  uint32_t modified[2];
  uint32_t changed[2];  // seconds, nanoseconds
  uint64_t st_ino;
};
constexpr uint32_t change_seconds(const FileStatus& status) { return status.changed[0]; }
constexpr uint32_t change_nanoseconds(const FileStatus& status) { return status.changed[1]; }

// Both take the size of the structure too.
inline long statfs(long path, long status) {
  return syscall(kStatfs, path, sizeof(FileSystem), status);
}
inline long fstatfs(long fd, long status) {
  return syscall(kFstatfs, fd, sizeof(FileSystem), status);
}

}  // namespace arch
