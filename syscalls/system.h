// The system: names (uname(2), sethostname(2)), reboot, random numbers.
#pragma once

#include "syscalls/result.h"
#include "syscalls/text.h"

namespace sys {

/// struct new_utsname of <linux/utsname.h>: six fields of 65 bytes each, NUL-terminated.
struct SystemName {
  char system[65];
  char host[65];
  char release[65];
  char version[65];
  char machine[65];
  char domain[65];
};

inline Result<void> uname(SystemName& name) { return call<void>(__NR_uname, &name); }

/// sethostname(2). EINVAL: more than 64 bytes. EPERM: no CAP_SYS_ADMIN over the uts namespace.
inline Result<void> sethostname(Text name) {
  return call<void>(__NR_sethostname, name.data(), name.size());
}

/// setdomainname(2): the same errors.
inline Result<void> setdomainname(Text name) {
  return call<void>(__NR_setdomainname, name.data(), name.size());
}

/// sync(2): writes dirty data to the disks.
inline void sync() { (void)raw(__NR_sync); }

/// reboot(2): `command` is LINUX_REBOOT_CMD_* of <linux/reboot.h>. Returns only for commands that
/// do not end the system, or with EPERM without CAP_SYS_BOOT.
inline Result<void> reboot(unsigned command) {
  constexpr unsigned kMagic1 = 0xfee1dead;
  constexpr unsigned kMagic2 = 672274793;
  return call<void>(__NR_reboot, kMagic1, kMagic2, command, nullptr);
}

/// getrandom(2), Linux 3.17: random bytes, without waiting (EAGAIN early at boot).
inline Result<size_t> get_random(Span<unsigned char> bytes) {
  constexpr unsigned kNonBlocking = 1;  // GRND_NONBLOCK, <linux/random.h>
  return call<size_t>(__NR_getrandom, bytes.data, bytes.size, kNonBlocking);
}

}  // namespace sys
