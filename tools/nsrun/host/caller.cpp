#include "tools/nsrun/host/caller.h"

#include "syscalls/process.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

// The process that started nsrun. If nsrun has executed itself since (seal.h), a variable has the
// pid.
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
  // If nsrun is still a child of that process, the pidfd is of the caller and not of a later
  // process with the same pid.
  if (sys::getppid() != parent) sys::exit(128 + SIGKILL);
}

}  // namespace nsrun
