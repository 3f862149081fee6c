// Mounts inside a directory that cannot be trusted.
#pragma once

#include "syscalls/mount.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

/// For all mounts that nsrun makes, except /dev: no set-user-ID programs, no devices.
inline constexpr unsigned kNoSurprises = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/// A new file system, as a detached mount. Errors name the option that needs it.
class FileSystem {
 public:
  FileSystem(const char* option, const char* type);

  FileSystem& set(const char* key, const char* value);
  /// EINVAL: this kernel does not know that key.
  sys::Result<void> try_set(const char* key, const char* value) {
    return sys::fsconfig(fs_.get(), sys::FsConfig::kSetString, key, value);
  }
  FileSystem& set_flag(const char* key);
  sys::Fd mount(unsigned attributes);
  /// Like mount(), but returns the error.
  sys::Result<sys::Fd> try_mount(unsigned attributes);

 private:
  const char* option_;
  const char* type_;
  sys::Fd fs_;
};

/// Opens a path in a root that cannot be trusted. Symlinks, absolute ones too, stay inside it.
sys::Result<sys::Fd> open_inside(int root, const char* path, int flags);

/// The type of an open file: S_IFDIR and so on.
unsigned type_of(int file, const char* option, const char* path);

/// The kind of file that a mount is put on.
enum class Target { kDirectory, kFile };

/// Which missing parts of a path are created: none, those that no symlink leads to, or all. The
/// last is like kAll, for a path that the caller wants to mount on and not to create.
enum class Make { kNothing, kWithoutSymlinks, kAll, kAllOfMountPoint };

/// The modes of what is created: the directories above, and the last directory or file.
struct MadeModes {
  unsigned above = 0755;
  unsigned directory = 0755;
  unsigned file = 0644;
};

/// Opens the file on which a mount is put (O_PATH), and creates what is missing, with those modes.
/// Never leads outside of the root. If a symlink leads to the root itself, this is an error,
/// because a mount on it would never be entered. Errors name the option and the path.
sys::Fd open_target(int root, const char* path, Target target, Make make, const char* option,
                    MadeModes modes = {});

/// Creates a symlink and the directories above it. An existing one must have the same target.
void make_symlink(int root, const char* to, const char* path, const char* option);

/// Attaches a detached mount to the file that `target` is.
void attach(int mount, int target, const char* option, const char* path);

/// How much of a mount tree to use.
enum class Extent { kWithAllBelow, kAlone };

/// A detached copy of the mounts at the host's `path`.
sys::Fd copy_of_tree(const char* path, Extent extent, const char* option);
/// Like copy_of_tree(), but returns the error. ENOENT: there is no such file.
sys::Result<sys::Fd> try_copy_of_tree(const char* path, Extent extent);

/// The host's path of an open directory, written to `memory`.
sys::Text path_of(int directory, sys::Span<char> memory);

/// Whether the kernel has mount_setattr(2), Linux 5.12. Without it, the flags of a mount cannot be
/// changed together with those of the mounts below it.
bool has_mount_setattr();

/// Sets MOUNT_ATTR_* flags on an attached mount. Before Linux 5.12 the mounts below it keep their
/// flags. Errors name the option and the path.
void restrict_mount(int mount, Extent extent, unsigned attributes, const char* option,
                    const char* path);

/// For kernels before Linux 5.12: sets the flags on each mount below `mount`, by the table of
/// mounts.
void restrict_mounts_below(int mount, unsigned attributes, const char* option);

/// Sets the propagation type of an attached mount: MS_PRIVATE, MS_UNBINDABLE, ...
void set_propagation(int mount, unsigned type, const char* option);

/// Sets MOUNT_ATTR_RDONLY, as restrict_mount() does.
void make_read_only(int mount, Extent extent, const char* option, const char* path);

/// Makes all mounts below `mount` read-only and nosuid. Needs Linux 5.12.
void make_mounts_below_read_only(int mount, const char* path);

}  // namespace nsrun
