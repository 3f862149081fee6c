#include "tools/nsrun/container/rootfs.h"

#include "syscalls/file.h"
#include "tools/nsrun/container/dev.h"
#include "tools/nsrun/container/given_files.h"
#include "tools/nsrun/container/kernel_interfaces.h"
#include "tools/nsrun/container/mounts.h"
#include "tools/nsrun/container/overlay.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

namespace {

constexpr char kRootfs[] = "--rootfs";

class Builder {
 public:
  Builder(const Options& options, int mounts) : options_(options), mounts_(mounts) {}
  void build();

 private:
  void take_root();
  void take_directory_as_root(const char* path);
  void take_overlay_as_root(const Option& option);
  void apply(const Option& option, const MountModifiers& modifiers);
  void apply_given(const Option& option, const MountModifiers& modifiers);
  void bind(const Option& option, bool read_only);
  void put(const Fd& copy, Extent extent, const Option& option, bool read_only,
           MadeModes modes = {});
  void change_mode(const Option& option) const;
  void remount_read_only(const Option& option) const;
  void mount_proc(const char* option, const char* path);
  void mount_dev(const char* option, const char* path);
  void mount_new(const char* option, const char* type, const char* path, const char* mode);
  void enter_root();

  [[nodiscard]] Fd target(const char* path, const char* option, Target kind = Target::kDirectory,
                          MadeModes modes = {}) const {
    return open_target(root_.get(), path, kind, own_root_, option, modes);
  }
  // Before Linux 5.12 the mounts below could not be made read-only, nodev and nosuid: they are left
  // out.
  [[nodiscard]] Extent extent() const {
    return has_mount_setattr_ ? Extent::kWithAllBelow : Extent::kAlone;
  }

  const Options& options_;
  const int mounts_;  // a socket: see id_mapped_binds.h
  bool own_root_ = false;
  const bool has_mount_setattr_ = has_mount_setattr();
  Fd root_;
};

void Builder::take_directory_as_root(const char* path) {
  // pivot_root wants a mount: the directory becomes one, on itself.
  const Fd place = check(sys::openat(AT_FDCWD, path, O_PATH | O_DIRECTORY), kRootfs, path);
  root_ = check(sys::open_tree(place.get(), "", OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH),
                kRootfs, path);
  attach(root_.get(), place.get(), kRootfs, path);
}

void Builder::take_overlay_as_root(const Option& option) {
  const Text lowers = sys::Splitter(Text::of(option.value), ',').next();
  const sys::Path lower(sys::Splitter(lowers, ':').next());
  const Fd place =
      check(sys::openat(AT_FDCWD, lower.c_str(), O_PATH | O_DIRECTORY), option.name, lower.c_str());
  root_ = mount_overlay(option, place.get());
}

void Builder::take_root() {
  if (options_.files.rootfs != nullptr) {
    take_directory_as_root(options_.files.rootfs);
  } else if (options_.files.overlay_root) {
    OptionReader reader(options_.argv);
    while (reader.next()) {
      const Option& option = reader.option();
      if (option.id == OptionId::kOverlay && sys::same(option.second, "/")) break;
    }
    take_overlay_as_root(reader.option());
  } else {
    root_ = check(sys::openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY), "open", "/");
    if (options_.process.cgroup != nullptr) protect_cgroups(root_.get());
    return;
  }
  own_root_ = true;
  // A device node in the root's own files would be the host's device.
  unsigned attributes = MOUNT_ATTR_NODEV;
  // All below the root becomes read-only now, before anything of ours is mounted there; the root
  // itself once its mount points are made.
  const bool read_only = options_.files.read_only && has_mount_setattr_;
  if (read_only) attributes |= MOUNT_ATTR_RDONLY;
  restrict_mount(root_.get(), Extent::kWithAllBelow, attributes, kRootfs, options_.files.rootfs);
  if (read_only) {
    (void)sys::mount_setattr(root_.get(), "", AT_EMPTY_PATH, {.clear = MOUNT_ATTR_RDONLY});
  }
  if (options_.files.mask) protect_sys(root_.get());
}

void Builder::mount_proc(const char* option, const char* path) {
  const Fd proc = FileSystem(option, "proc").mount(kNoSurprises | MOUNT_ATTR_NOEXEC);
  attach(proc.get(), target(path, option).get(), option, path);
  if (own_root_ && options_.files.mask) protect_proc(proc.get(), has_mount_setattr_);
}

void Builder::mount_dev(const char* option, const char* path) {
  const Fd dev =
      FileSystem(option, "tmpfs").set("mode", "0755").set("size", "65536").mount(kNoSurprises);
  attach(dev.get(), target(path, option).get(), option, path);
  fill_dev(dev.get(), option, path, has_mount_setattr_);
}

void Builder::mount_new(const char* option, const char* type, const char* path, const char* mode) {
  FileSystem fs(option, type);
  if (mode != nullptr) fs.set("mode", mode);
  const Fd mount = fs.mount(kNoSurprises);
  attach(mount.get(), target(path, option).get(), option, path);
}

void Builder::bind(const Option& option, bool read_only) {
  put(copy_of_tree(option.value, extent(), option.name), extent(), option, read_only);
}

void Builder::put(const Fd& copy, Extent extent, const Option& option, bool read_only,
                  MadeModes modes) {
  struct statx status {};
  check(sys::statx(copy.get(), "", AT_EMPTY_PATH, STATX_TYPE, status), option.name, option.value);
  const Target kind = (status.stx_mode & S_IFMT) == S_IFDIR ? Target::kDirectory : Target::kFile;
  const Fd place = target(option.second, option.name, kind, modes);
  attach(copy.get(), place.get(), option.name, option.second);
  const unsigned attributes = read_only ? kNoSurprises | MOUNT_ATTR_RDONLY : kNoSurprises;
  restrict_mount(copy.get(), extent, attributes, option.name, option.value);
}

// What comes from the host by a descriptor.
void Builder::apply_given(const Option& option, const MountModifiers& modifiers) {
  const bool read_only = option.id == OptionId::kRoBindData || option.id == OptionId::kRoBindFd ||
                         option.id == OptionId::kRoBindIdmap;
  switch (option.id) {
    case OptionId::kFile:
      return write_given_file(options_, root_.get(), option, modifiers);
    case OptionId::kBindData:
    case OptionId::kRoBindData:
      return put(mount_given_data(options_, root_.get(), option, modifiers), Extent::kAlone, option,
                 read_only, {.directory = modifiers.mode_above()});
    case OptionId::kBindFd:
    case OptionId::kRoBindFd:
      return put(copy_of_given_tree(option, extent()), extent(), option, read_only);
    default:
      return put(receive_mount(mounts_, option), Extent::kWithAllBelow, option, read_only);
  }
}

void Builder::change_mode(const Option& option) const {
  unsigned mode = 0;
  (void)parse_mode(option.value, mode);
  const Fd place =
      check(open_inside(root_.get(), option.second, O_PATH), option.name, option.second);
  sys::ShortString path;
  path << "/proc/self/fd/" << place.get();  // fchmod(2) takes no O_PATH
  check(sys::fchmodat(AT_FDCWD, path.c_str(), mode), option.name, option.second);
}

void Builder::remount_read_only(const Option& option) const {
  const Fd place = check(open_inside(root_.get(), option.value, O_PATH), option.name, option.value);
  struct statx status {};
  check(sys::statx(place.get(), "", AT_EMPTY_PATH, STATX_TYPE, status), option.name, option.value);
  // Before Linux 5.8 the kernel does not tell, and says EINVAL below.
  if ((status.stx_attributes_mask & ~status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
    fail(option.name, option.value, "not a mount point");
  }
  make_read_only(place.get(), Extent::kAlone, option.name, option.value);
}

void Builder::apply(const Option& option, const MountModifiers& modifiers) {
  switch (option.id) {
    case OptionId::kBind:
      return bind(option, false);
    case OptionId::kRoBind:
      return bind(option, true);
    case OptionId::kTmpfs:
      return mount_new(option.name, "tmpfs", option.value, "0755");
    case OptionId::kMqueue:
      // In a builder of its own this is not COMMAND's ipc namespace: mount_message_queues().
      if (options_.locks_mounts()) return (void)target(option.value, option.name);
      return mount_new(option.name, "mqueue", option.value, nullptr);
    case OptionId::kProc:
      return mount_proc(option.name, option.value);
    case OptionId::kDev:
      return mount_dev(option.name, option.value);
    case OptionId::kDir:
      (void)open_target(root_.get(), option.value, Target::kDirectory, true, option.name);
      return;
    case OptionId::kSymlink:
      return make_symlink(root_.get(), option.value, option.second, option.name);
    case OptionId::kOverlay:
      if (!sys::same(option.second, "/")) {
        (void)mount_overlay(option, target(option.second, option.name).get());
      }
      return;
    case OptionId::kFile:
    case OptionId::kBindData:
    case OptionId::kRoBindData:
    case OptionId::kBindFd:
    case OptionId::kRoBindFd:
    case OptionId::kBindIdmap:
    case OptionId::kRoBindIdmap:
      return apply_given(option, modifiers);
    case OptionId::kChmod:
      return change_mode(option);
    case OptionId::kRemountRo:
      return remount_read_only(option);
    default:
      return;
  }
}

void Builder::enter_root() {
  if (options_.files.read_only) {
    make_read_only(root_.get(), Extent::kAlone, "--read-only", options_.files.rootfs);
  }
  check(sys::fchdir(root_.get()), "chdir", "new root");
  // pivot_root(2), "pivot_root(".", ".")": the old root then lies on top, and goes.
  check(sys::pivot_root(".", "."), "pivot_root", "new root");
}

void Builder::build() {
  // Never shared: what is mounted here would appear on the host.
  const unsigned long propagation = options_.files.slave ? MS_SLAVE : MS_PRIVATE;
  check(sys::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr), "make mounts private");
  take_root();
  if (own_root_) {
    // While the host's /proc is still in sight: a user namespace may mount a new one only then.
    mount_proc(kRootfs, "/proc");
    mount_dev(kRootfs, "/dev");
    mount_new(kRootfs, "tmpfs", "/tmp", "1777");
  } else if (options_.creates(CLONE_NEWPID)) {
    mount_proc("/proc", "/proc");
  }
  MountModifiers modifiers;
  for (OptionReader reader(options_.argv); reader.next();) {
    if (modifiers.take(reader.option())) continue;
    apply(reader.option(), modifiers);
    modifiers = {};
  }
  if (own_root_) enter_root();
}

}  // namespace

void build_file_system(const Options& options, int mounts) {
  // What is made has the modes that are given here, whatever the caller's umask is.
  const unsigned callers = sys::exchange_umask(0);
  Builder(options, mounts).build();
  (void)sys::exchange_umask(callers);
}

void mount_message_queues(const Options& options) {
  for (OptionReader reader(options.argv); options.files.mounts && reader.next();) {
    const Option& option = reader.option();
    if (option.id != OptionId::kMqueue) continue;
    const Fd root = check(sys::openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY), "open", "/");
    const Fd mount = FileSystem(option.name, "mqueue").mount(kNoSurprises);
    const Fd place = open_target(root.get(), option.value, Target::kDirectory, false, option.name);
    attach(mount.get(), place.get(), option.name, option.value);
  }
}

void leave_old_root(const Options& options) {
  if (!options.has_root()) return;
  check(sys::unmount(".", MNT_DETACH), "unmount", "old root");
  check(sys::chdir("/"), "chdir", "/");
}

}  // namespace nsrun
