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

/// In the order of their names.
inline constexpr NamespaceType kNamespaceTypes[] = {
    {CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWIPC, "ipc"}, {CLONE_NEWNS, "mnt"},
    {CLONE_NEWNET, "net"},       {CLONE_NEWPID, "pid"}, {CLONE_NEWTIME, "time"},
    {CLONE_NEWUSER, "user"},     {CLONE_NEWUTS, "uts"},
};

/// The CLONE_NEW* flag of "net", say, where `end` follows; 0 for a name that is no type.
constexpr unsigned namespace_flag(const char* name, char end = '\0') {
  for (const NamespaceType& type : kNamespaceTypes) {
    size_t i = 0;
    // NOLINTNEXTLINE(clang-analyzer-core.*): loses sight of what a StringBuilder has written
    while (type.name[i] != '\0' && name[i] == type.name[i]) ++i;
    // NOLINTNEXTLINE(clang-analyzer-core.*)
    if (type.name[i] == '\0' && name[i] == end) return type.flag;
  }
  return 0;
}

/// The name of one flag; "?" for none.
constexpr const char* namespace_name(unsigned flag) {
  for (const NamespaceType& type : kNamespaceTypes) {
    if (type.flag == flag) return type.name;
  }
  return "?";
}

/// " mnt pid" for a message.
inline void append_names(StringBuilder& names, unsigned flags) {
  for (const NamespaceType& type : kNamespaceTypes) {
    if ((flags & type.flag) == 0) continue;
    names << " " << type.name;
  }
}

/// setns(2) by a namespace file, or by a pidfd with several flags (Linux 5.8). EINVAL: another
/// type, or not single-threaded where that is asked; EPERM: no CAP_SYS_ADMIN over it.
inline Result<void> setns(int fd, unsigned type) { return call<void>(__NR_setns, fd, type); }

/// unshare(2). EINVAL: a type that the kernel does not have; ENOSPC: a limit of
/// /proc/sys/user/max_*_namespaces; EPERM: no privilege.
inline Result<void> unshare(unsigned flags) { return call<void>(__NR_unshare, flags); }

}  // namespace sys
