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
/// setgroups(2). EPERM also if /proc/PID/setgroups says deny.
inline Result<void> setgroups(Span<const unsigned> groups) {
  return call<void>(__NR_setgroups, groups.size, groups.data);
}

/// struct __user_cap_data_struct: three sets of 64 bits, each in two halves: <linux/capability.h>.
struct CapabilitySets {
  struct Half {
    unsigned effective;
    unsigned permitted;
    unsigned inheritable;
  };
  Half halves[2];
};

namespace detail {

/// struct __user_cap_header_struct: version 3 (Linux 2.6.26), and pid 0, which is the caller.
struct CapabilityHeader {
  unsigned version = 0x20080522;
  int pid = 0;
};

}  // namespace detail

/// capget(2) of the caller.
inline Result<void> capget(CapabilitySets& sets) {
  const detail::CapabilityHeader header;
  return call<void>(__NR_capget, &header, &sets);
}
/// capset(2) of the caller. EPERM: asks for more than is permitted.
inline Result<void> capset(const CapabilitySets& sets) {
  const detail::CapabilityHeader header;
  return call<void>(__NR_capset, &header, &sets);
}

}  // namespace sys
