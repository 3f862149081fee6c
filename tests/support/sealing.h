// Copies programs with a list of sealing strategies that the test chooses.
#pragma once

#include <string>
#include <vector>

#include "stub/nsexec.h"

namespace test {

/// NSEXEC_SEAL_* as an enum class, so that parameterised tests show a name for each value.
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
  kVerity = NSEXEC_SEAL_VERITY,
};

/// Returns the strategy's name as in log records, with "_" in place of "-" if `for_test`.
std::string name_of(Sealing sealing, bool for_test = true);

/// Copies a program that has the stub linked in and replaces its nsexec_config, as if an embedder
/// had defined it. An empty list means the default order.
void copy_program_sealed_by(const std::string& from, const std::string& to,
                            const std::vector<Sealing>& order);

/// Returns whether this kernel has mount_setattr(2) (Linux 5.12), which two strategies need.
bool has_mount_setattr();
#define REQUIRE_MOUNT_SETATTR() \
  if (!::test::has_mount_setattr()) GTEST_SKIP() << "needs mount_setattr: Linux 5.12"

/// Returns whether this kernel is of that version or later.
bool is_linux(int major, int minor);

/// Returns whether this kernel can tell that a mount is in no mount namespace (Linux 6.17). With
/// this, a detached mount is proved to be one without the variable.
inline bool proves_detached_mounts() { return is_linux(6, 17); }

/// Returns the strategies that this kernel supports, in the default order. The reflink is left out,
/// because it depends on the file system.
std::vector<Sealing> available();
/// Returns the available strategies that do not copy the binary, and the reflink.
std::vector<Sealing> without_copies();
/// Returns the strategy that the default order chooses for root: "detached-mount" on current
/// kernels.
std::string usual();

/// Returns whether ioctl FICLONE works in that directory.
bool has_reflinks(const std::string& directory);

/// Returns a directory on an XFS file system. The first call makes and mounts it, and it stays
/// until this program ends. Returns /tmp if /tmp has reflinks or if that fails.
const std::string& directory_with_reflinks();

#define REQUIRE_REFLINKS(directory)     \
  if (!::test::has_reflinks(directory)) \
  GTEST_SKIP() << "no reflinks: no mkfs.xfs, or no loop device"

/// The file systems that can only be read and of which the build makes an image with the probe in
/// it.
inline constexpr const char* kMedia[] = {"squashfs", "erofs", "iso9660", "romfs", "cramfs"};
/// Mounts that image on a directory, read-only. Returns "" or what is wrong: a kernel may not have
/// the file system, or no loop device.
std::string mount_medium(const std::string& type, const std::string& directory);

/// Mounts an empty ext4 that may have fs-verity on a directory. Returns "", or why it does not
/// work.
std::string mount_verity(const std::string& directory);
/// Gives a file there fs-verity. Returns 0 or an errno.
int enable_verity(const std::string& path);

/// Returns how the last such record of a log says that the binary is sealed: "X" for "sealing: X",
/// "already Y" for "sealed: Y".
std::string sealing_in(const std::string& log);
/// Returns all strategies that were tried, in order.
std::vector<std::string> tried_in(const std::string& log);

}  // namespace test
