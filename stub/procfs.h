// Access to /proc, with the proof that it is a procfs.
#pragma once

#include "syscalls/file.h"
#include "syscalls/process.h"

namespace stub {

/// The length of "/proc/", with which the path of a file there begins.
inline constexpr size_t kProc = sizeof "/proc/" - 1;

/// A process's file: "/proc/123/uid_map".
class ProcessFile : public sys::ShortString {
 public:
  ProcessFile(sys::Pid pid, const char* file) { *this << "/proc/" << pid << "/" << file; }
  /// "123/uid_map", for open_proc_file.
  [[nodiscard]] const char* below_proc() const { return c_str() + kProc; }
};

/// "/proc/self/fd/7".
class FdPath : public sys::ShortString {
 public:
  explicit FdPath(int fd) { *this << "/proc/self/fd/" << fd; }
};

/// Opens the root of a procfs at /proc. EOPNOTSUPP: another file system is mounted there.
sys::Result<sys::Fd> open_procfs();

/// Opens a file below it: "self/oom_score_adj". The file is on procfs: a mount or a symlink that
/// leads elsewhere gives EXDEV or ELOOP (CVE-2019-19921 and similar ones).
sys::Result<sys::Fd> open_proc_file(int procfs, const char* path, int flags);

/// Opens a namespace file: "123/ns/mnt".
sys::Result<sys::Fd> open_proc_namespace(int procfs, const char* path);

}  // namespace stub
