#include "tools/nsrun/host/info.h"

#include "syscalls/namespaces.h"
#include "tools/nsrun/common/output.h"

namespace nsrun {

sys::Result<void> write_info(int fd, sys::Pid container) {
  sys::FixedString<512> json;
  json << "{\"child-pid\": " << container;
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    sys::ShortString path;
    path << "/proc/" << container << "/ns/" << type.name;
    struct statx status {};
    // Leaves out types of namespaces that the kernel does not have.
    if (!sys::statx(AT_FDCWD, path.c_str(), 0, STATX_INO, status)) continue;
    json << ", \"" << type.name << "-namespace\": " << static_cast<int64_t>(status.stx_ino);
  }
  json << "}\n";
  return write_waiting(fd, json.text());
}

sys::Result<void> write_exit_code(int fd, int status) {
  sys::ShortString json;
  json << "{\"exit-code\": " << status << "}\n";
  return write_waiting(fd, json.text());
}

}  // namespace nsrun
