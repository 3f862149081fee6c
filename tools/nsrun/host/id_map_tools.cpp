#include "tools/nsrun/host/id_map_tools.h"

#include "syscalls/file.h"
#include "syscalls/ids.h"
#include "syscalls/process.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr char kUidTool[] = "/usr/bin/newuidmap";
constexpr char kWhat[] = "map other ids than the caller's";
constexpr char kGidTool[] = "/usr/bin/newgidmap";

bool has_capability(unsigned number) {
  sys::CapabilitySets sets{};
  return sys::capget(sets) && (sets.halves[0].effective >> number & 1) != 0;
}

// Whether the file is set-user-ID root, or has file capabilities, as in some distributions.
bool is_privileged(const char* path) {
  struct statx file {};
  if (!sys::statx(AT_FDCWD, path, 0, STATX_MODE | STATX_UID, file)) return false;
  return ((file.stx_mode & S_ISUID) != 0 && file.stx_uid == 0) ||
         sys::has_attribute(path, "security.capability");
}

Text tool(const char* path, unsigned capability) {
  if (has_capability(capability)) return {};
  if (!sys::faccessat(AT_FDCWD, path, X_OK)) {
    fail(kWhat, path,
         "there is no such program (install uidmap or shadow-utils; or use --keep-id)");
  }
  if (!is_privileged(path)) {
    fail(kWhat, path, "not set-user-ID root, and no file capabilities (as root: chmod u+s)");
  }
  const auto no_new_privs = sys::prctl(PR_GET_NO_NEW_PRIVS, 0);
  if (no_new_privs && no_new_privs.value() == 1) {
    fail(kWhat, path, "gets no privileges: the caller has no_new_privs");
  }
  return Text::of(path);
}

}  // namespace

Text uid_map_tool() {
  constexpr unsigned kSetuid = 7;
  return tool(kUidTool, kSetuid);
}

Text gid_map_tool() {
  constexpr unsigned kSetgid = 6;
  return tool(kGidTool, kSetgid);
}

}  // namespace nsrun
