// Landlock: rules for files that a process sets itself. landlock(7), Linux 5.13.
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

/// The accesses to files that an ABI of Landlock has: rename and link between directories from
/// ABI 2 (5.19) on, truncate from 3 (6.2), ioctl of devices from 5 (6.10).
constexpr uint64_t landlock_accesses(int abi) {
  const int bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  return (uint64_t{1} << bits) - 1;
}

/// landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION: the ABI, from 1 on. ENOSYS: the
/// kernel has no Landlock; EOPNOTSUPP: it does not use it.
inline Result<int> landlock_abi() {
  constexpr unsigned kVersion = 1;
  return call<int>(__NR_landlock_create_ruleset, nullptr, 0, kVersion);
}

/// landlock_create_ruleset(2): what is to be refused unless a rule allows it. The structure has
/// more members in later ABIs, which the kernel then takes as 0.
inline Result<Fd> landlock_create_ruleset(uint64_t handled) {
  return call<Fd>(__NR_landlock_create_ruleset, &handled, sizeof handled, 0);
}

/// landlock_add_rule(2) of a directory and all below it, or of a file; `file` may be O_PATH.
/// EINVAL: an access that a file cannot have.
inline Result<void> landlock_add_rule(int ruleset, uint64_t allowed, int file) {
  constexpr int kPathBeneath = 1;
  struct [[gnu::packed]] {
    uint64_t allowed;
    int parent;
  } rule{allowed, file};
  return call<void>(__NR_landlock_add_rule, ruleset, kPathBeneath, &rule, 0);
}

/// landlock_restrict_self(2). EPERM: neither no_new_privs nor CAP_SYS_ADMIN.
inline Result<void> landlock_restrict_self(int ruleset) {
  return call<void>(__NR_landlock_restrict_self, ruleset, 0);
}

}  // namespace sys
