#include "tools/nsrun/container/mounts.h"

#include "syscalls/file.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr unsigned kWithAllBelowFlags = AT_RECURSIVE | AT_EMPTY_PATH;

// "a" in "/b/c//a/", and what stands before it.
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

// Step by step, each opened by its path from the root: a symlink on the way is followed inside of
// it.
Fd make_directories(int root, sys::Text steps, const char* path, const char* option,
                    unsigned mode = 0755) {
  Fd reached = check(open_inside(root, ".", O_PATH | O_DIRECTORY), option, path);
  sys::Path way;
  for (sys::Splitter names(steps, '/'); names.more();) {
    const sys::FixedString<256> name(names.next());  // NAME_MAX and a NUL
    if (name.text().empty()) continue;
    way << "/" << name.text();
    if (name.truncated() || way.truncated()) fail(option, path, sys::Errno{ENAMETOOLONG});
    auto next = open_inside(root, way.c_str(), O_PATH | O_DIRECTORY);
    if (next.error() == ENOENT) {
      const auto made = sys::mkdirat(reached.get(), name.c_str(), mode);
      if (!made && !(made.error() == EEXIST)) fail(option, path, made.error());
      next = open_inside(root, way.c_str(), O_PATH | O_DIRECTORY);
    }
    if (!next) fail(option, path, next.error());
    reached = next.value();
  }
  return reached;
}

}  // namespace

Fd open_target(int root, const char* path, Target target, bool make, const char* option,
               MadeModes modes) {
  const int directory = target == Target::kDirectory ? O_DIRECTORY : 0;
  auto found = open_inside(root, path, O_PATH | directory);
  if (found || !make || !(found.error() == ENOENT)) {
    return check(static_cast<sys::Result<Fd>&&>(found), option, path);
  }
  if (target == Target::kDirectory) {
    return make_directories(root, sys::Text::of(path), path, option, modes.directory);
  }
  const SplitPath split(sys::Text::of(path));
  if (split.name.truncated()) fail(option, path, sys::Errno{ENAMETOOLONG});
  const Fd parent = make_directories(root, split.parent, path, option, modes.directory);
  constexpr int kNewFile = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
  (void)check(sys::openat(parent.get(), split.name.c_str(), kNewFile, modes.file), option, path);
  return check(open_inside(root, path, O_PATH), option, path);
}

void make_symlink(int root, const char* to, const char* path, const char* option) {
  const SplitPath split(sys::Text::of(path));
  if (split.name.truncated()) fail(option, path, sys::Errno{ENAMETOOLONG});
  const Fd parent = make_directories(root, split.parent, path, option);
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
  const unsigned below = extent == Extent::kWithAllBelow ? AT_RECURSIVE : 0;
  return check(sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | below), option, path);
}

bool has_mount_setattr() { return !(sys::mount_setattr(-1, "", 0, {}).error() == ENOSYS); }

void restrict_mount(int mount, Extent extent, unsigned attributes, const char* option,
                    const char* path) {
  const unsigned flags = extent == Extent::kWithAllBelow ? kWithAllBelowFlags : AT_EMPTY_PATH;
  const auto done = sys::mount_setattr(mount, "", flags, {.set = attributes});
  if (!(done.error() == ENOSYS)) return check(done, option, path);
  // Flags that the mount has are kept: a user namespace may not clear them. These bits are the same
  // in statfs(2), mount(2) and mount_setattr(2).
  constexpr unsigned kSameBits = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME;
  static_assert(MS_RDONLY == MOUNT_ATTR_RDONLY && MS_NOSUID == MOUNT_ATTR_NOSUID &&
                MS_NODEV == MOUNT_ATTR_NODEV);
  struct statfs status {};
  check(sys::fstatfs(mount, status), option, path);
  const unsigned long kept = static_cast<unsigned long>(status.f_flags) & kSameBits;
  sys::ShortString place;
  place << "/proc/self/fd/" << mount;
  check(sys::mount(nullptr, place.c_str(), nullptr, MS_BIND | MS_REMOUNT | attributes | kept,
                   nullptr),
        option, path);
}

void make_read_only(int mount, Extent extent, const char* option, const char* path) {
  restrict_mount(mount, extent, MOUNT_ATTR_RDONLY, option, path);
}

// What is mounted on these shows the host's own files: /dev/null, whose mode a container whose root
// is the host's could change. (Devices can be written to on a read-only mount.)
void make_mounts_below_read_only(int mount, const char* path) {
  constexpr unsigned kAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  restrict_mount(mount, Extent::kWithAllBelow, kAttributes, path, "mounts below");
  check(sys::mount_setattr(mount, "", AT_EMPTY_PATH, {.clear = MOUNT_ATTR_RDONLY}), path);
}

}  // namespace nsrun
