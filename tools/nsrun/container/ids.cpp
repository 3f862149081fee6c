#include "tools/nsrun/container/ids.h"

#include "syscalls/ids.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

void set_dumpable(bool dumpable) {
  check(sys::prctl(PR_SET_DUMPABLE, static_cast<unsigned long>(dumpable)), "PR_SET_DUMPABLE");
}

void become(unsigned uid, unsigned gid) {
  check(sys::setresgid(gid, gid, gid), "setresgid", sys::Decimal(gid).c_str());
  check(sys::setresuid(uid, uid, uid), "setresuid", sys::Decimal(uid).c_str());
  set_dumpable(false);
}

}  // namespace nsrun
