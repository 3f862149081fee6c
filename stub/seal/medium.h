// File systems that can only be read, where a binary needs no seal. docs/sealing.md, "Already
// sealed?".
#pragma once

#include "syscalls/file.h"

namespace stub::seal {

/// The name of this proof, for the log.
NSEXEC_SHARED constexpr char kMedium[] = "read-only medium";

/// Their numbers in statfs(2). <linux/magic.h>; romfs: <linux/romfs_fs.h>.
NSEXEC_SHARED constexpr uint32_t kReadOnlyMedia[] = {SQUASHFS_MAGIC, EROFS_SUPER_MAGIC_V1,
                                                     CRAMFS_MAGIC, ISOFS_SUPER_MAGIC, 0x7275};

inline bool is_read_only(const sys::FileSystem& file_system) {
  constexpr unsigned long kReadOnly = 1;  // ST_RDONLY
  // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel has filled it
  return (file_system.f_flags & kReadOnly) != 0;
}

/// Whether the file system is one that is always read-only, however it is mounted: no call changes
/// the content or the metadata of a file. An overlay over one has a magic number of its own. Of a
/// file system that is_read_only(): in 9p a server chooses the number, but not the flag.
inline bool is_read_only_medium(const sys::FileSystem& file_system) {
#pragma GCC unroll 1
  for (const uint32_t magic : kReadOnlyMedia) {
    // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel has filled it
    if (static_cast<uint32_t>(file_system.f_type) == magic) return true;
  }
  return false;
}

}  // namespace stub::seal
