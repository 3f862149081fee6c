#include "tools/nsrun/container/root.h"

#include "syscalls/file.h"
#include "tools/nsrun/container/kernel_interfaces.h"
#include "tools/nsrun/container/overlay.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kRootfs[] = "--rootfs";
constexpr char kEmptyRoot[] = "empty root";

// Whether the first option that mounts gives the root itself. Then no empty root is needed before
// it.
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
  // pivot_root wants a mount, so the directory is mounted on itself.
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
  // A device node in the root's own files would give access to the host's device.
  unsigned attributes = MOUNT_ATTR_NODEV;
  // Everything below the root becomes read-only now, before nsrun mounts anything there. The root
  // itself becomes read-only when its mount points exist.
  const bool read_only = options.files.read_only && has_mount_setattr;
  if (read_only) attributes |= MOUNT_ATTR_RDONLY;
  restrict_mount(fd_.get(), Extent::kWithAllBelow, attributes, kRootfs, options.files.rootfs);
  if (read_only) {
    (void)sys::mount_setattr(fd_.get(), "", AT_EMPTY_PATH, {.clear = MOUNT_ATTR_RDONLY});
  }
  if (options.files.mask) {
    protect_interfaces(fd_.get(), true, Interfaces::kAll, has_mount_setattr);
  }
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

// Returns a directory for a new root that no path in the options can lead through. On "/", each
// ".." at the root would lead into the new root, and so would many relative symlinks.
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
  // A recursive copy of the host's mounts then leaves this mount out.
  set_propagation(fd_.get(), MS_UNBINDABLE, option);
}

void Root::enter(const Options& options) const {
  if (place_ != nullptr) set_propagation(fd_.get(), MS_PRIVATE, "new root");
  if (options.files.read_only) {
    make_read_only(fd_.get(), Extent::kAlone, "--read-only", options.files.rootfs);
  }
  check(sys::fchdir(fd_.get()), "chdir", "new root");
  // pivot_root(2), "pivot_root(".", ".")": the old root is then on top, and is unmounted.
  const auto entered = sys::pivot_root(".", ".");
  if (entered.error() == EINVAL) {
    fail("pivot_root", "new root", "not from an initramfs: start nsrun as /init or by switch_root");
  }
  check(entered, "pivot_root", "new root");
}

}  // namespace nsrun
