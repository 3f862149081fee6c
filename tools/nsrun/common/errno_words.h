// The words for an errno in nsrun's messages: errno(3).
#pragma once

#include "arch/syscall.h"
#include "syscalls/errno_names.h"

namespace nsrun {

namespace detail {

// In the order of sys::detail::kErrnoNames. They are not in the same file because the stub's
// records have the names only.
NSEXEC_SHARED constexpr char kErrnoWords[] =
    "operation not permitted\0"
    "no such file or directory\0"
    "no such process\0"
    "interrupted\0"
    "input/output error\0"
    "no such device or address\0"
    "argument list too long\0"
    "not a program that this machine runs\0"
    "not an open file descriptor\0"
    "no child process\0"
    "temporarily unavailable\0"
    "out of memory\0"
    "permission denied\0"
    "bad address\0"
    "in use\0"
    "exists already\0"
    "on another file system\0"
    "not in this kernel, nor loaded as a module\0"
    "not a directory\0"
    "is a directory\0"
    "invalid argument\0"
    "too many open files in the system\0"
    "too many open files\0"
    "not suitable for that operation\0"
    "being written to, or executed\0"
    "too large\0"
    "no space left, or a limit (user.max_*_namespaces)\0"
    "read-only file system\0"
    "has no reader\0"
    "deadlock\0"
    "name too long\0"
    "not in this kernel, or forbidden by a filter\0"
    "too many symbolic links\0"
    "value too large\0"
    "too many users\0"
    "not a socket\0"
    "message too long\0"
    "not supported\0"
    "wants CONFIG_UNIX\0"
    "connection reset\0"
    "no buffer space\0"
    "too many references\0"
    "stale file handle\0"
    "quota exceeded\0"
    "canceled\0";

constexpr size_t count_entries(const char* strings) {
  size_t count = 0;
  for (; *strings != '\0'; strings += sys::length(strings) + 1) ++count;
  return count;
}
static_assert(count_entries(kErrnoWords) == count_entries(sys::detail::kErrnoNames));

}  // namespace detail

/// Appends "no such file or directory [ENOENT]" for the name ENOENT. Returns false and appends
/// nothing if the name is unknown.
inline bool append_errno_words(sys::StringBuilder& out, const char* name) {
  const char* entry = sys::detail::kErrnoNames;
  for (size_t i = 0; *entry != '\0'; ++i, entry += sys::length(entry) + 1) {
    if (!sys::same(entry + 1, name)) continue;
    out << sys::entry(detail::kErrnoWords, i) << " [" << name << "]";
    return true;
  }
  return false;
}

/// An errno for a message: "no such file or directory [ENOENT]", or "errno N".
class ErrnoWords : public sys::ShortString {
 public:
  explicit ErrnoWords(sys::Errno error) {
    const char* const name = sys::errno_name(error);
    if (name == nullptr || !append_errno_words(*this, name)) *this << "errno " << error.number;
  }
};

}  // namespace nsrun
