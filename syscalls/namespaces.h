// Namespaces: their types, and unshare(2), setns(2). See namespaces(7).
#pragma once

#include "syscalls/result.h"
#include "syscalls/text.h"

namespace sys {

/// All eight CLONE_NEW* flags.
inline constexpr unsigned kAllNamespaces = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS |
                                           CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWTIME |
                                           CLONE_NEWUSER | CLONE_NEWUTS;

/// One type of namespace: its flag, and its name under /proc/PID/ns.
struct NamespaceType {
  unsigned flag;
  char name[8];
};

/// Sorted by name.
NSEXEC_SHARED constexpr NamespaceType kNamespaceTypes[] = {
    {CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWIPC, "ipc"}, {CLONE_NEWNS, "mnt"},
    {CLONE_NEWNET, "net"},       {CLONE_NEWPID, "pid"}, {CLONE_NEWTIME, "time"},
    {CLONE_NEWUSER, "user"},     {CLONE_NEWUTS, "uts"},
};

/// Returns the CLONE_NEW* flag of a name such as "net", which `end` must follow; 0 if it is no
/// type.
constexpr unsigned namespace_flag(const char* name, char end = '\0') {
  for (const NamespaceType& type : kNamespaceTypes) {
    size_t i = 0;
    // NOLINTNEXTLINE(clang-analyzer-core.*): does not see what StringBuilder wrote
    while (type.name[i] != '\0' && name[i] == type.name[i]) ++i;
    // NOLINTNEXTLINE(clang-analyzer-core.*)
    if (type.name[i] == '\0' && name[i] == end) return type.flag;
  }
  return 0;
}

/// Returns the name of one flag, or "?".
constexpr const char* namespace_name(unsigned flag) {
  for (const NamespaceType& type : kNamespaceTypes) {
    if (type.flag == flag) return type.name;
  }
  return "?";
}

/// Appends " mnt pid", for a message.
inline void append_names(StringBuilder& names, unsigned flags) {
  for (const NamespaceType& type : kNamespaceTypes) {
    if ((flags & type.flag) == 0) continue;
    names << " " << type.name;
  }
}

/// setns(2) by a namespace file, or by a pidfd with several flags (Linux 5.8). EINVAL: the file is
/// of another type, or the caller has threads and must not. EPERM: no CAP_SYS_ADMIN over it.
inline Result<void> setns(int fd, unsigned type) { return call<void>(__NR_setns, fd, type); }

/// unshare(2). EINVAL: the kernel lacks a type. ENOSPC: a limit of /proc/sys/user/max_*_namespaces.
/// EPERM: no CAP_SYS_ADMIN.
inline Result<void> unshare(unsigned flags) { return call<void>(__NR_unshare, flags); }

}  // namespace sys
