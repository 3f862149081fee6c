// User and group ids: credentials(7), user_namespaces(7).
#pragma once

#include "syscalls/result.h"
#include "syscalls/text.h"

namespace sys {

inline unsigned getuid() { return static_cast<unsigned>(raw(arch::kGetuid)); }
inline unsigned geteuid() { return static_cast<unsigned>(raw(arch::kGeteuid)); }
inline unsigned getgid() { return static_cast<unsigned>(raw(arch::kGetgid)); }
inline unsigned getegid() { return static_cast<unsigned>(raw(arch::kGetegid)); }

/// EINVAL: the id has no mapping in this user namespace; EPERM: no CAP_SETUID.
inline Result<void> setuid(unsigned uid) { return call<void>(arch::kSetuid, uid); }
inline Result<void> setgid(unsigned gid) { return call<void>(arch::kSetgid, gid); }
inline Result<void> setresuid(unsigned real, unsigned effective, unsigned saved) {
  return call<void>(arch::kSetresuid, real, effective, saved);
}
inline Result<void> setresgid(unsigned real, unsigned effective, unsigned saved) {
  return call<void>(arch::kSetresgid, real, effective, saved);
}
/// setgroups(2). EPERM also if /proc/PID/setgroups says deny.
inline Result<void> setgroups(Span<const unsigned> groups) {
  return call<void>(arch::kSetgroups, groups.size, groups.data);
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
