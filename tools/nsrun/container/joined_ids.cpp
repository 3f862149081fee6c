#include "tools/nsrun/container/joined_ids.h"

#include "stub/procfs.h"
#include "syscalls/ids.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/id_ranges.h"
#include "tools/nsrun/container/ids.h"

namespace nsrun {

using sys::Fd;

namespace {

// Opens this process's own uid_map or gid_map, through the procfs in which the joined process was
// found. The joined mount namespace may have no /proc, or a false one.
Fd open_own_map(int process, const char* file) {
  sys::ShortString path;
  path << "../self/" << file;
  auto opened = sys::openat(process, path.c_str(), O_RDONLY);
  if (opened) return static_cast<sys::Result<Fd>&&>(opened).value();
  const auto procfs = stub::open_procfs();
  if (procfs) {
    const Fd proc = procfs.value();
    opened = stub::open_proc_file(proc.get(), path.c_str() + 3, O_RDONLY);
  }
  if (!opened) {
    fail("--join", "user",
         "it does not map the caller, and without /proc only --join PID knows what it maps");
  }
  return static_cast<sys::Result<Fd>&&>(opened).value();
}

unsigned first_of(int process, const char* file) {
  const sys::Number first = first_mapped_id(open_own_map(process, file));
  if (!first.valid) fail("--join", file, "the user namespace maps no id");
  return static_cast<unsigned>(first.value);
}

}  // namespace

void take_mapped_ids(int process) {
  const unsigned uid = sys::geteuid();
  const unsigned gid = sys::getegid();
  // The stub has become id 0 if it could. EINVAL: the current id is not mapped.
  const bool lost_gid = gid != 0 && !sys::setresgid(gid, gid, gid);
  const bool lost_uid = uid != 0 && !sys::setresuid(uid, uid, uid);
  if (!lost_gid && !lost_uid) return;
  become(lost_uid ? first_of(process, "uid_map") : uid,
         lost_gid ? first_of(process, "gid_map") : gid);
}

}  // namespace nsrun
