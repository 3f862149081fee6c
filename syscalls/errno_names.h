// The names of errno(3) numbers, for messages.
#pragma once

#include "syscalls/result.h"
#include "syscalls/text.h"

namespace sys {

namespace detail {

// The errors that this library's calls can return, each after its number, which all our machines
// share (<asm-generic/errno.h>). This is one string, because an array of pointers needs relocation,
// and the stub runs before relocation.
NSEXEC_SHARED constexpr char kErrnoNames[] =
    "\001EPERM\0"
    "\002ENOENT\0"
    "\003ESRCH\0"
    "\004EINTR\0"
    "\005EIO\0"
    "\006ENXIO\0"
    "\007E2BIG\0"
    "\010ENOEXEC\0"
    "\011EBADF\0"
    "\012ECHILD\0"
    "\013EAGAIN\0"
    "\014ENOMEM\0"
    "\015EACCES\0"
    "\016EFAULT\0"
    "\020EBUSY\0"
    "\021EEXIST\0"
    "\022EXDEV\0"
    "\023ENODEV\0"
    "\024ENOTDIR\0"
    "\025EISDIR\0"
    "\026EINVAL\0"
    "\027ENFILE\0"
    "\030EMFILE\0"
    "\031ENOTTY\0"
    "\032ETXTBSY\0"
    "\033EFBIG\0"
    "\034ENOSPC\0"
    "\036EROFS\0"
    "\040EPIPE\0"
    "\043EDEADLK\0"
    "\044ENAMETOOLONG\0"
    "\046ENOSYS\0"
    "\050ELOOP\0"
    "\113EOVERFLOW\0"
    "\127EUSERS\0"
    "\130ENOTSOCK\0"
    "\132EMSGSIZE\0"
    "\137EOPNOTSUPP\0"
    "\141EAFNOSUPPORT\0"
    "\150ECONNRESET\0"
    "\151ENOBUFS\0"
    "\155ETOOMANYREFS\0"
    "\164ESTALE\0"
    "\172EDQUOT\0"
    "\175ECANCELED\0";
static_assert(EPERM == 1 && EDEADLK == 35 && ENOTSOCK == 88 && ECANCELED == 125);

}  // namespace detail

/// "ENOENT" for ENOENT; null for a number that no call of this library returns.
inline const char* errno_name(Errno error) {
  const char* entry = detail::kErrnoNames;
  while (*entry != '\0') {
    if (static_cast<unsigned char>(*entry) == error.number) return entry + 1;
    entry += length(entry) + 1;
  }
  return nullptr;
}

/// An errno for a message: its name, or "errno N".
class ErrnoText : public ShortString {
 public:
  explicit ErrnoText(Errno error) {
    if (const char* name = errno_name(error)) {
      *this << name;
    } else {
      *this << "errno " << error.number;
    }
  }
};

}  // namespace sys
