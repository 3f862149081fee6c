// Keys: keyctl(2).
#pragma once

#include "syscalls/result.h"

namespace sys {

/// Gives the caller a new, empty session keyring: KEYCTL_JOIN_SESSION_KEYRING without a name.
/// EDQUOT: the user's quota of keys is used up (keyrings(7)). ENOSYS: a kernel without keys.
inline Result<int> join_new_session_keyring() {
  constexpr int kJoinSessionKeyring = 1;  // <linux/keyctl.h>
  return call<int>(__NR_keyctl, kJoinSessionKeyring, nullptr);
}

}  // namespace sys
