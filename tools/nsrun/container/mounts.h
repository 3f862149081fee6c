// Mounts inside a directory that is not to be trusted.
#pragma once

#include "syscalls/mount.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

/// What mounts of ours get, but for /dev: no set-user-ID programs, no devices.
inline constexpr unsigned kNoSurprises = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/// A new file system as a detached mount. Errors name the option that wants it.
class FileSystem {
 public:
  FileSystem(const char* option, const char* type)
      : option_(option), type_(type), fs_(check(sys::fsopen(type), option, type)) {}

  FileSystem& set(const char* key, const char* value) {
    check(sys::fsconfig(fs_.get(), sys::FsConfig::kSetString, key, value), option_, value);
    return *this;
  }
  FileSystem& set_flag(const char* key) {
    check(sys::fsconfig(fs_.get(), sys::FsConfig::kSetFlag, key), option_, key);
    return *this;
  }
  sys::Fd mount(unsigned attributes) {
    check(sys::fsconfig(fs_.get(), sys::FsConfig::kCreate), option_, type_);
    return check(sys::fsmount(fs_.get(), attributes), option_, type_);
  }

 private:
  const char* option_;
  const char* type_;
  sys::Fd fs_;
};

/// Opens a path in a root that is not to be trusted: symlinks, also absolute ones, stay inside it.
inline sys::Result<sys::Fd> open_inside(int root, const char* path, int flags) {
  return sys::openat2(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/// What a mount is to be put on.
enum class Target { kDirectory, kFile };

/// The modes of what is made where a target is missing.
struct MadeModes {
  unsigned directory = 0755;
  unsigned file = 0644;
};

/// Opens what a mount is to be put on (O_PATH). Where the root is the container's own, `make`,
/// makes what is missing. Errors name the option and the path.
sys::Fd open_target(int root, const char* path, Target target, bool make, const char* option,
                    MadeModes modes = {});

/// Makes a symlink, and the directories to it. One that is there already must say the same.
void make_symlink(int root, const char* to, const char* path, const char* option);

/// Puts a detached mount on what `target` is.
void attach(int mount, int target, const char* option, const char* path);

/// How much of a tree of mounts.
enum class Extent { kWithAllBelow, kAlone };

/// A detached copy of what is at `path` of the host's.
sys::Fd copy_of_tree(const char* path, Extent extent, const char* option);

/// Whether the kernel has mount_setattr(2), Linux 5.12. Otherwise a mount's flags can only be
/// changed without those of the mounts below it.
bool has_mount_setattr();

/// Sets MOUNT_ATTR_* flags on a mount that is attached. Before Linux 5.12 those of the mounts below
/// it stay as they are. Errors name the option and the path.
void restrict_mount(int mount, Extent extent, unsigned attributes, const char* option,
                    const char* path);

/// The same for MOUNT_ATTR_RDONLY.
void make_read_only(int mount, Extent extent, const char* option, const char* path);

/// The same for all mounts below that one, with nosuid. Linux 5.12.
void make_mounts_below_read_only(int mount, const char* path);

}  // namespace nsrun
