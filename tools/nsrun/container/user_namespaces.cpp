#include "tools/nsrun/container/user_namespaces.h"

#include "stub/procfs.h"
#include "syscalls/namespaces.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

// The limit counts all user namespaces inside, at any depth, for the user who has created the inner
// one (namespaces(7), "The /proc/sys/user directory").
void forbid_user_namespaces(int procfs) {
  constexpr char kLimit[] = "sys/user/max_user_namespaces";
  const auto opened = stub::open_proc_file(procfs, kLimit, O_WRONLY);
  if (opened.error() == EROFS) {
    fail("--disable-userns", kLimit, "/proc/sys is read-only here, as inside of a container");
  }
  const sys::Fd limit = check(opened, "--disable-userns", kLimit);
  check(sys::write(limit.get(), "1"), "--disable-userns", kLimit);
}

void assert_no_user_namespaces() {
  if (sys::unshare(CLONE_NEWUSER)) {
    fail("--assert-userns-disabled", nullptr, "COMMAND could make a user namespace");
  }
}

}  // namespace nsrun
