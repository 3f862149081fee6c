// Programs with a list of sealing strategies of the test's choice.
#pragma once

#include <string>
#include <vector>

#include "stub/nsexec.h"

namespace test {

/// NSEXEC_SEAL_* as an own type, so that tests have names for their parameters.
enum class Sealing : unsigned char {
  kDetachedMount = NSEXEC_SEAL_DETACHED_MOUNT,
  kChildMount = NSEXEC_SEAL_CHILD_MOUNT,
  kOverlay = NSEXEC_SEAL_OVERLAY,
  kBindMount = NSEXEC_SEAL_BIND_MOUNT,
  kReflink = NSEXEC_SEAL_REFLINK,
  kMemfd = NSEXEC_SEAL_MEMFD,
  kTmpfile = NSEXEC_SEAL_TMPFILE,
  kUnlinkedFile = NSEXEC_SEAL_UNLINKED_FILE,  ///< always refused
  kNone = NSEXEC_SEAL_NONE,
};

/// As in log records, with "_" for "-" where `for_test`.
std::string name_of(Sealing sealing, bool for_test = true);

/// Copies a program that the stub is linked into, with another nsexec_config: what an embedder
/// would do by defining it. An empty list is the default order.
void copy_program_sealed_by(const std::string& from, const std::string& to,
                            const std::vector<Sealing>& order);

/// Whether this kernel has mount_setattr(2), Linux 5.12, which two strategies need.
bool has_mount_setattr();
#define REQUIRE_MOUNT_SETATTR() \
  if (!::test::has_mount_setattr()) GTEST_SKIP() << "needs mount_setattr: Linux 5.12"

/// Whether this kernel is that version or a later one.
bool is_linux(int major, int minor);

/// Whether this kernel tells whether a mount is in any mount namespace, so that a detached mount is
/// proved to be one without the variable: Linux 6.17.
inline bool proves_detached_mounts() { return is_linux(6, 17); }

/// The strategies that this kernel has, in the default order; not the reflink, which is a question
/// of the file system.
std::vector<Sealing> available();
/// Those of them that do not copy the binary, and the reflink.
std::vector<Sealing> without_copies();
/// What the default order takes for root, "detached-mount" on current kernels.
std::string usual();

/// Whether FICLONE works in that directory.
bool has_reflinks(const std::string& directory);

/// A directory on an XFS of our own, made and mounted once, until this program ends; /tmp where
/// that cannot be done.
const std::string& directory_with_reflinks();

#define REQUIRE_REFLINKS(directory)     \
  if (!::test::has_reflinks(directory)) \
  GTEST_SKIP() << "no reflinks: no mkfs.xfs, or no loop device"

/// How the last record of a log says that the binary is sealed: "sealing: X" as X, "sealed: Y" as
/// "already Y".
std::string sealing_in(const std::string& log);
/// All strategies that were tried, in order.
std::vector<std::string> tried_in(const std::string& log);

}  // namespace test
