#include "tools/nsrun/container/landlock.h"

#include "syscalls/file.h"
#include "syscalls/landlock.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

namespace {

constexpr char kLandlock[] = "--landlock-ro, --landlock-rw";
constexpr uint64_t kRead =
    sys::kLandlockExecute | sys::kLandlockReadFile | sys::kLandlockReadDirectory;
// The accesses that a file other than a directory can have.
constexpr uint64_t kOfFiles = sys::kLandlockExecute | sys::kLandlockWriteFile |
                              sys::kLandlockReadFile | sys::kLandlockTruncate | sys::kLandlockIoctl;

uint64_t accesses_of_kernel() {
  const auto abi = sys::landlock_abi();
  if (abi.error() == ENOSYS || abi.error() == EOPNOTSUPP) {
    fail(kLandlock, nullptr, "this kernel has no Landlock (CONFIG_SECURITY_LANDLOCK, lsm=)");
  }
  return sys::landlock_accesses(check(abi, kLandlock));
}

void allow(int ruleset, const Option& option, uint64_t accesses) {
  // In a joined container, a path must not lead through another process's magic links.
  const sys::Fd file = check(sys::openat2(AT_FDCWD, option.value, O_PATH, RESOLVE_NO_MAGICLINKS),
                             option.name, option.value);
  if (type_of(file.get(), option.name, option.value) != S_IFDIR) accesses &= kOfFiles;
  check(sys::landlock_add_rule(ruleset, accesses, file.get()), option.name, option.value);
}

}  // namespace

void restrict_files(const Options& options) {
  const uint64_t all = accesses_of_kernel();
  const sys::Fd ruleset = check(sys::landlock_create_ruleset(all), kLandlock);
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id == OptionId::kLandlockRo) allow(ruleset.get(), option, kRead);
    if (option.id == OptionId::kLandlockRw) allow(ruleset.get(), option, all);
  }
  const auto restricted = sys::landlock_restrict_self(ruleset.get());
  if (restricted.error() == EPERM) {
    fail(kLandlock, nullptr, "with --new-privs COMMAND must have sys_admin (--cap-add) [EPERM]");
  }
  check(restricted, kLandlock);
}

}  // namespace nsrun
