// User and group ids: credentials(7), user_namespaces(7).
#pragma once

#include "syscalls/result.h"
#include "syscalls/text.h"

namespace sys {

inline unsigned getuid() { return static_cast<unsigned>(raw(__NR_getuid)); }
inline unsigned geteuid() { return static_cast<unsigned>(raw(__NR_geteuid)); }
inline unsigned getgid() { return static_cast<unsigned>(raw(__NR_getgid)); }
inline unsigned getegid() { return static_cast<unsigned>(raw(__NR_getegid)); }

/// EINVAL: the id has no mapping in this user namespace; EPERM: no CAP_SETUID.
inline Result<void> setuid(unsigned uid) { return call<void>(__NR_setuid, uid); }
inline Result<void> setgid(unsigned gid) { return call<void>(__NR_setgid, gid); }
inline Result<void> setresuid(unsigned real, unsigned effective, unsigned saved) {
  return call<void>(__NR_setresuid, real, effective, saved);
}
inline Result<void> setresgid(unsigned real, unsigned effective, unsigned saved) {
  return call<void>(__NR_setresgid, real, effective, saved);
}
/// setgroups(2). EPERM also where /proc/PID/setgroups says deny.
inline Result<void> setgroups(Span<const unsigned> groups) {
  return call<void>(__NR_setgroups, groups.size, groups.data);
}

}  // namespace sys
