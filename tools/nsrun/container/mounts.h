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
  FileSystem(const char* option, const char* type);

  FileSystem& set(const char* key, const char* value);
  /// EINVAL: this kernel does not know that key.
  sys::Result<void> try_set(const char* key, const char* value) {
    return sys::fsconfig(fs_.get(), sys::FsConfig::kSetString, key, value);
  }
  FileSystem& set_flag(const char* key);
  sys::Fd mount(unsigned attributes);
  /// The same, where the caller knows what an error means.
  sys::Result<sys::Fd> try_mount(unsigned attributes);

 private:
  const char* option_;
  const char* type_;
  sys::Fd fs_;
};

/// Opens a path in a root that is not to be trusted: symlinks, also absolute ones, stay inside it.
sys::Result<sys::Fd> open_inside(int root, const char* path, int flags);

/// What an open file is: S_IFDIR and so on.
unsigned type_of(int file, const char* option, const char* path);

/// What a mount is to be put on.
enum class Target { kDirectory, kFile };

/// What of a path is made where it is missing: nothing; what no symlink leads to; or all.
enum class Make { kNothing, kWithoutSymlinks, kAll };

/// The modes of what is made where it is missing: the directories above, and at last a directory or
/// a file.
struct MadeModes {
  unsigned above = 0755;
  unsigned directory = 0755;
  unsigned file = 0644;
};

/// Opens what a mount is to be put on (O_PATH), and makes what is missing, with those modes; never
/// outside of the root. Errors name the option and the path. The root itself, where a symlink leads
/// to it, is an error: a mount on it would never be entered.
sys::Fd open_target(int root, const char* path, Target target, Make make, const char* option,
                    MadeModes modes = {});

/// Makes a symlink, and the directories to it. One that is there already must say the same.
void make_symlink(int root, const char* to, const char* path, const char* option);

/// Puts a detached mount on what `target` is.
void attach(int mount, int target, const char* option, const char* path);

/// How much of a tree of mounts.
enum class Extent { kWithAllBelow, kAlone };

/// A detached copy of what is at `path` of the host's.
sys::Fd copy_of_tree(const char* path, Extent extent, const char* option);
/// The same; ENOENT: there is none.
sys::Result<sys::Fd> try_copy_of_tree(const char* path, Extent extent);

/// The host's path of an open directory, in that memory.
sys::Text path_of(int directory, sys::Span<char> memory);

/// Whether the kernel has mount_setattr(2), Linux 5.12. Otherwise a mount's flags can only be
/// changed without those of the mounts below it.
bool has_mount_setattr();

/// Sets MOUNT_ATTR_* flags on a mount that is attached. Before Linux 5.12 those of the mounts below
/// it stay as they are. Errors name the option and the path.
void restrict_mount(int mount, Extent extent, unsigned attributes, const char* option,
                    const char* path);

/// Before Linux 5.12: the same for each mount below that one, as the table of mounts has them.
void restrict_mounts_below(int mount, unsigned attributes, const char* option);

/// Sets the propagation type of a mount that is attached: MS_PRIVATE, MS_UNBINDABLE, ...
void set_propagation(int mount, unsigned type, const char* option);

/// The same for MOUNT_ATTR_RDONLY.
void make_read_only(int mount, Extent extent, const char* option, const char* path);

/// The same for all mounts below that one, with nosuid. Linux 5.12.
void make_mounts_below_read_only(int mount, const char* path);

}  // namespace nsrun
