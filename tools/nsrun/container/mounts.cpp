#include "tools/nsrun/container/mounts.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "tools/nsrun/common/mount_table.h"
#include "tools/nsrun/container/walk.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr unsigned kWithAllBelowFlags = AT_RECURSIVE | AT_EMPTY_PATH;

// Splits "/b/c//a/" into its last name, "a", and the part before it.
struct SplitPath {
  sys::Text parent = ".";
  sys::FixedString<256> name;  // NAME_MAX and a NUL; empty for the root itself

  explicit SplitPath(sys::Text path) {
    while (!path.empty() && path[path.size() - 1] == '/') path = path.first(path.size() - 1);
    size_t start = path.size();
    while (start > 0 && path[start - 1] != '/') --start;
    if (start != 0) parent = path.first(start);
    name << path.from(start);
  }
};

// Whether both are the same directory of the same mount.
bool is_same_place(int a, int b, const char* option, const char* path) {
  const auto status_of = [&](int fd) {
    struct statx status {};
    check(sys::statx(fd, STATX_INO | STATX_MNT_ID, status), option, path);
    return status;
  };
  const struct statx first = status_of(a);
  const struct statx second = status_of(b);
  const bool knows_mounts = (first.stx_mask & second.stx_mask & STATX_MNT_ID) != 0;  // Linux 5.8
  return sys::same_file(first, second) && (!knows_mounts || first.stx_mnt_id == second.stx_mnt_id);
}

void refuse_root(int root, int found, const char* option, const char* path) {
  if (is_same_place(root, found, option, path)) fail(option, path, "leads to the root itself");
}

}  // namespace

unsigned type_of(int file, const char* option, const char* path) {
  struct statx status {};
  check(sys::statx(file, STATX_TYPE, status), option, path);
  return status.stx_mode & S_IFMT;
}

FileSystem::FileSystem(const char* option, const char* type)
    : option_(option), type_(type), fs_(check(sys::fsopen(type), option, type)) {}

FileSystem& FileSystem::set(const char* key, const char* value) {
  check(try_set(key, value), option_, value);
  return *this;
}

FileSystem& FileSystem::set_flag(const char* key) {
  check(sys::fsconfig(fs_.get(), sys::FsConfig::kSetFlag, key), option_, key);
  return *this;
}

Fd FileSystem::mount(unsigned attributes) { return check(try_mount(attributes), option_, type_); }

sys::Result<Fd> FileSystem::try_mount(unsigned attributes) {
  const auto created = sys::fsconfig(fs_.get(), sys::FsConfig::kCreate);
  if (!created) return created.error();
  return sys::fsmount(fs_.get(), attributes);
}

sys::Result<Fd> open_inside(int root, const char* path, int flags) {
  auto opened = sys::openat2(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (!(opened.error() == ENOSYS)) return opened;
  // If a filter does not know openat2.
  const Target target = (flags & O_DIRECTORY) != 0 ? Target::kDirectory : Target::kFile;
  return walk(root, path, {target, false, {}});
}

Fd open_target(int root, const char* path, Target target, Make make, const char* option,
               MadeModes modes) {
  const int flags = O_PATH | (target == Target::kDirectory ? O_DIRECTORY : 0);
  // If a path has no symlinks it leads where its text says, so the text shows whether it is the
  // root.
  auto found = sys::openat2(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
  if (found) return static_cast<Fd&&>(found.value());
  const bool by_symlinks = found.error() == ELOOP;
  if (by_symlinks || found.error() == ENOSYS) found = open_inside(root, path, flags);
  const bool makes = make >= Make::kAll || (make == Make::kWithoutSymlinks && !by_symlinks);
  if (makes && found.error() == ENOENT) {
    found = walk(root, path, {target, true, modes});
    if (make != Make::kAll && (found.error() == EACCES || found.error() == EROFS)) {
      fail(option, path, "missing, and may not be made there (make it, or use --overlay DIR /)");
    }
  }
  Fd place = check(static_cast<sys::Result<Fd>&&>(found), option, path);
  refuse_root(root, place.get(), option, path);
  return place;
}

void make_symlink(int root, const char* to, const char* path, const char* option) {
  const SplitPath split(sys::Text::of(path));
  if (split.name.truncated()) fail(option, path, sys::Errno{ENAMETOOLONG});
  const sys::Path directory(split.parent);
  if (directory.truncated()) fail(option, path, sys::Errno{ENAMETOOLONG});
  auto opened = open_inside(root, directory.c_str(), O_PATH | O_DIRECTORY);
  if (!opened) opened = walk(root, directory.c_str(), {Target::kDirectory, true, {}});
  const Fd parent = check(static_cast<sys::Result<Fd>&&>(opened), option, path);
  const auto made = sys::symlinkat(to, parent.get(), split.name.c_str());
  if (made.error() == EEXIST) {
    char text[4096];
    const auto there = sys::readlinkat(parent.get(), split.name.c_str(), {text, sizeof text});
    if (there && there.value() == sys::Text::of(to)) return;
  }
  check(made, option, path);
}

void attach(int mount, int target, const char* option, const char* path) {
  constexpr unsigned kByFds = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  check(sys::move_mount(mount, "", target, "", kByFds), option, path);
}

Fd copy_of_tree(const char* path, Extent extent, const char* option) {
  return check(try_copy_of_tree(path, extent), option, path);
}

sys::Result<Fd> try_copy_of_tree(const char* path, Extent extent) {
  const unsigned below = extent == Extent::kWithAllBelow ? AT_RECURSIVE : 0;
  return sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | below);
}

sys::Text path_of(int directory, sys::Span<char> memory) {
  const stub::FdPath link(directory);
  return check(sys::readlinkat(AT_FDCWD, link.c_str(), memory), "readlink", link.c_str());
}

bool has_mount_setattr() { return !(sys::mount_setattr(-1, "", 0, {}).error() == ENOSYS); }

namespace {

// For kernels before Linux 5.12. Keeps the flags that the mount has, because a user namespace may
// not clear them. These bits are the same in statfs(2), mount(2) and mount_setattr(2). EINVAL: this
// is not a mount's root.
sys::Result<void> remount(int mount, unsigned attributes) {
  constexpr unsigned kSameBits =
      MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME;
  static_assert(MS_RDONLY == MOUNT_ATTR_RDONLY && MS_NOSUID == MOUNT_ATTR_NOSUID &&
                MS_NODEV == MOUNT_ATTR_NODEV);
  sys::FileSystem status{};
  const auto asked = sys::fstatfs(mount, status);
  if (!asked) return asked;
  const unsigned long kept = static_cast<unsigned long>(status.f_flags) & kSameBits;
  return sys::mount(nullptr, stub::FdPath(mount).c_str(), nullptr,
                    MS_BIND | MS_REMOUNT | attributes | kept, nullptr);
}

}  // namespace

void restrict_mount(int mount, Extent extent, unsigned attributes, const char* option,
                    const char* path) {
  const unsigned flags = extent == Extent::kWithAllBelow ? kWithAllBelowFlags : AT_EMPTY_PATH;
  const auto done = sys::mount_setattr(mount, "", flags, {.set = attributes});
  check(done.error() == ENOSYS ? remount(mount, attributes) : done, option, path);
}

void restrict_mounts_below(int mount, unsigned attributes, const char* option) {
  char memory[4096];
  const sys::Text top = path_of(mount, {memory, sizeof memory});
  for (MountTable mounts; mounts.next();) {
    const sys::Text point = mounts.point();
    if (!point.starts_with(top) || point.size() == top.size()) continue;
    const sys::Path below(point.from(top.size()));
    if (below.text()[0] != '/') continue;
    const auto found = open_inside(mount, below.c_str(), O_PATH);
    if (!found) continue;  // another mount hides it
    const Fd submount = found.value();
    const auto done = remount(submount.get(), attributes);
    if (!(done.error() == EINVAL)) check(done, option, below.c_str());
  }
}

void set_propagation(int mount, unsigned type, const char* option) {
  auto done = sys::mount_setattr(mount, "", AT_EMPTY_PATH, {.propagation = type});
  if (done.error() == ENOSYS) {
    done = sys::mount(nullptr, stub::FdPath(mount).c_str(), nullptr, type, nullptr);
  }
  check(done, option, "propagation");
}

void make_read_only(int mount, Extent extent, const char* option, const char* path) {
  restrict_mount(mount, extent, MOUNT_ATTR_RDONLY, option, path);
}

// These mounts show the host's own files, such as /dev/null. Without this, a container whose root
// is the host's root could change their mode. Devices can still be written to on a read-only mount.
void make_mounts_below_read_only(int mount, const char* path) {
  constexpr unsigned kAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  restrict_mount(mount, Extent::kWithAllBelow, kAttributes, path, "mounts below");
  const auto done = sys::mount_setattr(mount, "", AT_EMPTY_PATH, {.clear = MOUNT_ATTR_RDONLY});
  // EPERM: a mount of the host's that was read-only before stays read-only.
  if (!(done.error() == EPERM)) check(done, path);
}

}  // namespace nsrun
