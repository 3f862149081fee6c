#include "tools/nsrun/container/root.h"

#include "syscalls/file.h"
#include "tools/nsrun/container/kernel_interfaces.h"
#include "tools/nsrun/container/overlay.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kRootfs[] = "--rootfs";
constexpr char kEmptyRoot[] = "empty root";

// The option that gives an assembled root is the first one that mounts: then there is no need for
// an empty root before it.
bool begins_with_root(const Options& options) {
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    switch (option.id) {
      case OptionId::kBind:
      case OptionId::kRoBind:
      case OptionId::kDevBind:
        return is_root(option.second);
      case OptionId::kTmpfs:
        return is_root(option.value);
      default:
        if ((option.wants & CLONE_NEWNS) != 0) return false;
    }
  }
  return false;
}

}  // namespace

void Root::take_directory(const char* path) {
  // pivot_root wants a mount: the directory becomes one, on itself.
  const Fd place = check(sys::open(path, O_PATH | O_DIRECTORY), kRootfs, path);
  fd_ = check(sys::open_tree(place.get(), "", OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH),
              kRootfs, path);
  attach(fd_.get(), place.get(), kRootfs, path);
}

void Root::take_overlay(const Options& options) {
  OptionReader reader(options.argv);
  while (reader.next()) {
    const Option& option = reader.option();
    if (option.id == OptionId::kOverlay && is_root(option.second)) break;
  }
  fd_ = mount_overlay_on_lower(options, reader.option());
}

void Root::take_empty() {
  Fd tmpfs = FileSystem(kEmptyRoot, "tmpfs")
                 .set("mode", "0755")
                 .set("size", kTmpfsSize)
                 .mount(kNoSurprises);
  const Fd place = make_room();
  attach(tmpfs.get(), place.get(), kEmptyRoot, "/");
  become(static_cast<Fd&&>(tmpfs), kEmptyRoot);
}

void Root::restrict_own(const Options& options, bool has_mount_setattr) const {
  // A device node in the root's own files would be the host's device.
  unsigned attributes = MOUNT_ATTR_NODEV;
  // All below the root becomes read-only now, before anything of ours is mounted there; the root
  // itself once its mount points are made.
  const bool read_only = options.files.read_only && has_mount_setattr;
  if (read_only) attributes |= MOUNT_ATTR_RDONLY;
  restrict_mount(fd_.get(), Extent::kWithAllBelow, attributes, kRootfs, options.files.rootfs);
  if (read_only) {
    (void)sys::mount_setattr(fd_.get(), "", AT_EMPTY_PATH, {.clear = MOUNT_ATTR_RDONLY});
  }
  if (options.files.mask) protect_sys(fd_.get(), Interfaces::kAll);
}

void Root::take(const Options& options, bool has_mount_setattr) {
  is_own_ = options.has_root();
  if (options.files.assembled) {
    if (!begins_with_root(options)) take_empty();
  } else if (is_own_) {
    if (options.files.rootfs != nullptr) {
      take_directory(options.files.rootfs);
    } else {
      take_overlay(options);
    }
    restrict_own(options, has_mount_setattr);
  } else {
    fd_ = check(sys::open("/", O_PATH | O_DIRECTORY), "open", "/");
    if (options.process.cgroup != nullptr) protect_cgroups(fd_.get());
  }
}

// Where no path of the host's leads that an option may name: over "/" each ".." at the root would
// end in it, and with that many a relative symlink.
Fd Root::make_room() {
  static constexpr char kUnused[] = "/proc/fs";
  static constexpr char kSlash[] = "/";
  if (place_ != nullptr) check(sys::unmount(place_, MNT_DETACH), "unmount", "the root before");
  constexpr int kFlags = O_PATH | O_DIRECTORY;
  place_ = kUnused;
  auto opened = sys::open(place_, kFlags);
  if (!opened) {
    place_ = kSlash;
    opened = sys::open(place_, kFlags);
  }
  return check(static_cast<sys::Result<Fd>&&>(opened), "open", place_);
}

void Root::become(Fd mount, const char* option) {
  fd_ = static_cast<Fd&&>(mount);
  // A copy of the host's mounts is then one without this.
  set_propagation(fd_.get(), MS_UNBINDABLE, option);
}

void Root::enter(const Options& options) const {
  if (place_ != nullptr) set_propagation(fd_.get(), MS_PRIVATE, "new root");
  if (options.files.read_only) {
    make_read_only(fd_.get(), Extent::kAlone, "--read-only", options.files.rootfs);
  }
  check(sys::fchdir(fd_.get()), "chdir", "new root");
  // pivot_root(2), "pivot_root(".", ".")": the old root then lies on top, and goes.
  check(sys::pivot_root(".", "."), "pivot_root", "new root");
}

}  // namespace nsrun
