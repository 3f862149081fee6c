// The names of the sealing strategies, in log records and on nsrun's command line.
#pragma once

namespace stub::seal {

/// Indexed by NSEXEC_SEAL_*. 0 ends a list of strategies; an empty list is the stub's own order. A
/// function, because GCC for ARM reaches an inline variable through a global offset table.
inline const char* names() {
  return "auto\0detached-mount\0child-mount\0overlay\0bind-mount\0reflink\0memfd\0tmpfile\0"
         "unlinked-file\0none\0verity";
}

/// The name of NSEXEC_SEAL_DETACHED_MOUNT, also as a proof: it may be the parent's.
inline const char* detached_mount_name() { return names() + sizeof "auto"; }

/// The same for NSEXEC_SEAL_MEMFD.
inline const char* memfd_name() {
  return names() + sizeof "auto\0detached-mount\0child-mount\0overlay\0bind-mount\0reflink";
}

/// The same for NSEXEC_SEAL_TMPFILE: any copy in a file that O_TMPFILE has made, a reflink too.
inline const char* tmpfile_name() { return memfd_name() + sizeof "memfd"; }

}  // namespace stub::seal
