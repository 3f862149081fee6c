#include "tools/nsrun/host/caller.h"

#include "syscalls/process.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

// The one that started nsrun, though nsrun may have executed itself since (seal.h).
sys::Pid first_parent(const stub::InitialStack& stack) {
  const bool sealed = stack.find_variable(kSealedAlready) != nullptr;
  const char* const told = sealed ? stack.find_variable(kCallerVariable) : nullptr;
  if (told == nullptr) return sys::getppid();
  return static_cast<sys::Pid>(sys::parse_decimal(told, __INT_MAX__).value);
}

}  // namespace

void Caller::open(const stub::InitialStack& stack) {
  const sys::Pid parent = first_parent(stack);
  auto opened = parent == 0 ? sys::Result<sys::Fd>(sys::Errno{ENOSYS}) : sys::pidfd_open(parent);
  if (opened) {
    pidfd_ = opened.value();
  } else {
    check(sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL)), "--die-with-parent");
  }
  // It was the caller's, and no other process's, if we are still its child.
  if (sys::getppid() != parent) sys::exit(128 + SIGKILL);
}

}  // namespace nsrun
