// Landlock: a process restricts its own access to files. landlock(7), Linux 5.13.
#pragma once

#include "syscalls/fd.h"

namespace sys {

/// LANDLOCK_ACCESS_FS_* of <linux/landlock.h>.
enum LandlockAccess : uint64_t {
  kLandlockExecute = 1 << 0,
  kLandlockWriteFile = 1 << 1,
  kLandlockReadFile = 1 << 2,
  kLandlockReadDirectory = 1 << 3,
  kLandlockTruncate = 1 << 14,
  kLandlockIoctl = 1 << 15,
};

/// The file accesses that a Landlock ABI knows: rename and link between directories since ABI 2
/// (5.19), truncate since 3 (6.2), ioctl of devices since 5 (6.10).
constexpr uint64_t landlock_accesses(int abi) {
  const int bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  return (uint64_t{1} << bits) - 1;
}

/// landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION: returns the ABI, 1 or more.
/// ENOSYS: the kernel has no Landlock. EOPNOTSUPP: Landlock is disabled.
inline Result<int> landlock_abi() {
  constexpr unsigned kVersion = 1;
  return call<int>(__NR_landlock_create_ruleset, nullptr, 0, kVersion);
}

/// landlock_create_ruleset(2): `handled` accesses are refused unless a rule allows them. Later ABIs
/// have a larger structure; the kernel treats the missing members as 0.
inline Result<Fd> landlock_create_ruleset(uint64_t handled) {
  return call<Fd>(__NR_landlock_create_ruleset, &handled, sizeof handled, 0);
}

/// landlock_add_rule(2) for a directory and everything below it, or for a file; `file` may be
/// O_PATH. EINVAL: an access that only directories have.
inline Result<void> landlock_add_rule(int ruleset, uint64_t allowed, int file) {
  constexpr int kPathBeneath = 1;
  struct [[gnu::packed]] {
    uint64_t allowed;
    int parent;
  } rule{allowed, file};
  return call<void>(__NR_landlock_add_rule, ruleset, kPathBeneath, &rule, 0);
}

/// landlock_restrict_self(2). EPERM: the caller has neither no_new_privs nor CAP_SYS_ADMIN.
inline Result<void> landlock_restrict_self(int ruleset) {
  return call<void>(__NR_landlock_restrict_self, ruleset, 0);
}

}  // namespace sys
