#include "tools/nsrun/host/standard_streams.h"

#include <linux/magic.h>

#include "syscalls/file.h"

namespace nsrun {

namespace {

// Whether it is a pipe of pipe(2), which has no name in any file system.
bool is_anonymous_pipe(int fd) {
  sys::FileSystem file_system{};
  return sys::fstatfs(fd, file_system) && file_system.f_type == PIPEFS_MAGIC;
}

}  // namespace

void open_pipes_to_command(const Options& options) {
  const bool is_caller = options.identity.user == nullptr &&
                         options.own_uid.outside == options.caller_uid &&
                         !(options.caller_is_root && options.namespaces.joins_any());
  if (is_caller) return;
  constexpr unsigned kRead = 0044;
  constexpr unsigned kWrite = 0022;
  for (int stream = 0; stream <= 2; ++stream) {
    if (!is_anonymous_pipe(stream)) continue;
    const auto flags = sys::fcntl(stream, F_GETFL);
    struct statx pipe {};
    if (!flags || !sys::statx(stream, STATX_MODE, pipe)) continue;
    const int access = flags.value() & O_ACCMODE;
    const unsigned wanted = (access == O_WRONLY ? 0 : kRead) | (access == O_RDONLY ? 0 : kWrite);
    const unsigned mode = pipe.stx_mode & 0777U;
    // EPERM: another user's pipe stays as it is.
    if ((mode & wanted) != wanted) (void)sys::fchmod(stream, mode | wanted);
  }
}

}  // namespace nsrun
