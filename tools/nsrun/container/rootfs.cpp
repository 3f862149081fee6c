#include "tools/nsrun/container/rootfs.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "tools/nsrun/container/dev.h"
#include "tools/nsrun/container/given_files.h"
#include "tools/nsrun/container/kernel_interfaces.h"
#include "tools/nsrun/container/mounts.h"
#include "tools/nsrun/container/overlay.h"
#include "tools/nsrun/container/root.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kRootfs[] = "--rootfs";
constexpr char kBindProc[] = "--bind-proc";

struct BindKind {
  bool read_only;
  bool devices;
  bool may_lack;  // skip the bind if the source does not exist
};

constexpr BindKind bind_kind(OptionId id) {
  const bool tries =
      id == OptionId::kBindTry || id == OptionId::kRoBindTry || id == OptionId::kDevBindTry;
  return {.read_only = id == OptionId::kRoBind || id == OptionId::kRoBindTry ||
                       id == OptionId::kRoBindData || id == OptionId::kRoBindFd ||
                       id == OptionId::kRoBindIdmap,
          .devices = id == OptionId::kDevBind || id == OptionId::kDevBindTry,
          .may_lack = tries};
}

constexpr Interfaces interfaces_of(BindKind kind) {
  return kind.devices ? Interfaces::kButDevices : Interfaces::kAll;
}

// Whether an option mounts a procfs on /proc.
bool mounts_proc(const Options& options) {
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id == OptionId::kProc && sys::same(option.value, "/proc")) return true;
  }
  return false;
}

class Builder {
 public:
  Builder(const Options& options, int mounts) : options_(options), mounts_(mounts) {}
  void build();

 private:
  void apply(const Option& option);
  void apply_given(const Option& option);
  void bind(const Option& option, BindKind kind);
  void bind_resolv_conf(const Option& option);
  void put(Fd copy, const Option& option, BindKind kind, MadeModes modes = {});
  void change_mode(const Option& option) const;
  void remount_read_only(const Option& option) const;
  void protect_bound_root(BindKind kind);
  // A caller other than root cannot configure anything there.
  [[nodiscard]] bool protects_interfaces(BindKind kind) const {
    return options_.files.mask && options_.caller_is_root && !kind.read_only;
  }
  void mount_proc(const char* option, const char* path);
  void bind_proc(const char* path);
  void mount_dev(const char* option, const char* path);
  void mount_tmpfs(const char* option, const char* path);
  void mount_overlay(const Option& option, const char* path);
  void mount_queues(const char* option, const char* path);

  [[nodiscard]] Fd target(const char* path, const char* option, Target kind = Target::kDirectory,
                          MadeModes modes = {}) const {
    return open_target(root_.get(), path, kind, made(option), option, modes);
  }
  // For --rootfs, a missing mount point is created only if no symlink leads to it.
  [[nodiscard]] Make made(const char* option) const {
    if (!root_.is_own()) return Make::kNothing;
    return option == kRootfs ? Make::kWithoutSymlinks : Make::kAllOfMountPoint;
  }
  // Like target(), but a mount on "/" gets the place for a new root.
  [[nodiscard]] Fd place_for(const char* path, const char* option, Target kind = Target::kDirectory,
                             MadeModes modes = {}) {
    return is_root(path) ? root_.make_room() : target(path, option, kind, modes);
  }
  // If the mount is on "/", makes it the root.
  void is_placed(const char* path, const char* option, Fd mount) {
    if (is_root(path)) root_.become(static_cast<Fd&&>(mount), option);
  }

  const Options& options_;
  const int mounts_;  // a socket; see id_mapped_binds.h
  const bool has_mount_setattr_ = has_mount_setattr();
  Root root_;
  MountModifiers modifiers_;
};

// A user namespace can mount a procfs only for a pid namespace that it owns, and only if all of the
// outer procfs is visible (mount_namespaces(7)). If the pid namespace is the outer one, the outer
// /proc shows the same processes, so that one is bound, as in bwrap.
void Builder::mount_proc(const char* option, const char* path) {
  if (options_.files.bind_proc) return bind_proc(path);
  constexpr unsigned kAttributes = kNoSurprises | MOUNT_ATTR_NOEXEC;
  const bool is_shared = !options_.creates(CLONE_NEWPID) && !options_.namespaces.joins;
  auto mounted = is_shared ? try_copy_of_tree("/proc", Extent::kWithAllBelow)
                           : FileSystem(option, "proc").try_mount(kAttributes);
  if (mounted.error() == EPERM && !is_shared) {
    fail(option, "proc",
         "a part of the outer /proc is hidden [EPERM]; unmask it ("
         "--security-opt systempaths=unconfined of Docker, unmask=ALL of Podman), or use "
         "--bind-proc");
  }
  const Fd proc = check(static_cast<sys::Result<Fd>&&>(mounted), option, "proc");
  attach(proc.get(), target(path, option).get(), option, path);
  if (is_shared) {
    restrict_mount(proc.get(), Extent::kWithAllBelow, kAttributes, option, path);
  }
  if (root_.is_own() && options_.files.mask) protect_proc(proc.get(), has_mount_setattr_);
}

// Everything becomes read-only. The files that configure the kernel belong to root, whose id
// COMMAND can have, and the files of a process belong to its user.
void Builder::bind_proc(const char* path) {
  if (!has_mount_setattr_) fail(kBindProc, nullptr, "wants Linux 5.12 (mount_setattr)");
  const Fd proc = copy_of_tree("/proc", Extent::kWithAllBelow, kBindProc);
  attach(proc.get(), target(path, kBindProc).get(), kBindProc, path);
  if (root_.is_own() && options_.files.mask) hide_parts_of_proc(proc.get());
  // Not nodev for the mounts below, because some of them are the null device that hides a file.
  restrict_mount(proc.get(), Extent::kWithAllBelow, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID,
                 kBindProc, path);
  restrict_mount(proc.get(), Extent::kAlone, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, kBindProc, path);
}

void Builder::mount_dev(const char* option, const char* path) {
  const Fd dev =
      FileSystem(option, "tmpfs").set("mode", "0755").set("size", "65536").mount(kNoSurprises);
  attach_and_fill_dev(dev.get(), target(path, option).get(), option, path, has_mount_setattr_,
                      options_.files.assembled);
}

void Builder::mount_tmpfs(const char* option, const char* path) {
  Fd mount = FileSystem(option, "tmpfs")
                 .set("mode", modifiers_.perms != nullptr ? modifiers_.perms : "0755")
                 .set("size", modifiers_.size != nullptr ? modifiers_.size : kTmpfsSize)
                 .mount(kNoSurprises);
  attach(mount.get(), place_for(path, option).get(), option, path);
  is_placed(path, option, static_cast<Fd&&>(mount));
}

void Builder::mount_queues(const char* option, const char* path) {
  const Fd place = target(path, option);
  // With an inner user namespace this is not COMMAND's ipc namespace yet: see
  // mount_message_queues().
  if (options_.locks_mounts()) return;
  attach(FileSystem(option, "mqueue").mount(kNoSurprises).get(), place.get(), option, path);
}

void Builder::mount_overlay(const Option& option, const char* path) {
  const Fd place = place_for(path, option.name);
  is_placed(path, option.name, nsrun::mount_overlay(options_, option, place.get(), path));
}

// The root is now a directory of the host's, or the host's whole tree. Then its /proc shows the
// host's processes, and through its /sys root could configure the host's kernel.
void Builder::protect_bound_root(BindKind kind) {
  const bool protect = protects_interfaces(kind);
  if (protect) {
    protect_interfaces(root_.get(), true, interfaces_of(kind), has_mount_setattr_);
  }
  const auto found = open_inside(root_.get(), "/proc", O_PATH | O_DIRECTORY);
  if (!found) return;
  const Fd proc = found.value();
  sys::FileSystem status{};
  check(sys::fstatfs(proc.get(), status), "fstatfs", "/proc");
  if (static_cast<unsigned long>(status.f_type) != PROC_SUPER_MAGIC) return;
  if (options_.creates(CLONE_NEWPID)) {
    if (!mounts_proc(options_)) mount_proc("/proc", "/proc");
  } else if (protect) {
    protect_proc(proc.get(), has_mount_setattr_);
  }
}

void Builder::bind(const Option& option, BindKind kind) {
  auto copied = try_copy_of_tree(option.value, Extent::kWithAllBelow);
  if (kind.may_lack && copied.error() == ENOENT) return;
  put(check(static_cast<sys::Result<Fd>&&>(copied), option.name, option.value), option, kind);
}

void Builder::put(Fd copy, const Option& option, BindKind kind, MadeModes modes) {
  const bool is_new_root = is_root(option.second);
  const bool is_directory = type_of(copy.get(), option.name, option.value) == S_IFDIR;
  if (is_new_root && !is_directory) fail(option.name, option.value, "not a directory, as / is");
  const Fd place = place_for(option.second, option.name,
                             is_directory ? Target::kDirectory : Target::kFile, modes);
  attach(copy.get(), place.get(), option.name, option.second);
  unsigned attributes = kind.devices ? MOUNT_ATTR_NOSUID : kNoSurprises;
  if (kind.read_only) attributes |= MOUNT_ATTR_RDONLY;
  if (!has_mount_setattr_) restrict_mounts_below(copy.get(), attributes, option.name);
  restrict_mount(copy.get(), Extent::kWithAllBelow, attributes, option.name, option.value);
  if (is_new_root) {
    root_.become(static_cast<Fd&&>(copy), option.name);
    protect_bound_root(kind);
  } else if (root_.is_own() && protects_interfaces(kind)) {
    protect_interfaces(copy.get(), false, interfaces_of(kind), has_mount_setattr_);
  }
}

// Binds the host's file. If it is a symlink there, the symlink is followed on the host.
void Builder::bind_resolv_conf(const Option& option) {
  static constexpr char kFile[] = "/etc/resolv.conf";
  Option as_bind = option;
  as_bind.value = as_bind.second = kFile;
  bind(as_bind, bind_kind(OptionId::kRoBind));
}

// Options whose files come from the host by a descriptor.
void Builder::apply_given(const Option& option) {
  const BindKind kind = bind_kind(option.id);
  switch (option.id) {
    case OptionId::kFile:
      return write_given_file(options_, root_.get(), option, modifiers_);
    case OptionId::kBindData:
    case OptionId::kRoBindData:
      return put(mount_given_data(options_, root_.get(), option, modifiers_), option, kind,
                 {.above = modifiers_.mode_above()});
    case OptionId::kBindFd:
    case OptionId::kRoBindFd:
      return put(copy_of_given_tree(option, Extent::kWithAllBelow), option, kind);
    case OptionId::kBindIdmap:
    case OptionId::kRoBindIdmap:
      return put(receive_mount(mounts_, option), option, kind);
    default:
      return;
  }
}

void Builder::change_mode(const Option& option) const {
  const auto mode = static_cast<unsigned>(parse_mode(option.value).value);
  const Fd place =
      check(open_inside(root_.get(), option.second, O_PATH), option.name, option.second);
  // fchmod(2) does not accept an O_PATH descriptor.
  check(sys::fchmodat(AT_FDCWD, stub::FdPath(place.get()).c_str(), mode), option.name,
        option.second);
}

void Builder::remount_read_only(const Option& option) const {
  const Fd place = check(open_inside(root_.get(), option.value, O_PATH), option.name, option.value);
  struct statx status {};
  check(sys::statx(place.get(), STATX_TYPE, status), option.name, option.value);
  // Before Linux 5.8 the kernel does not say so, and the call below fails with EINVAL.
  if ((status.stx_attributes_mask & ~status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
    fail(option.name, option.value, "not a mount point");
  }
  make_read_only(place.get(), Extent::kAlone, option.name, option.value);
}

void Builder::apply(const Option& option) {
  switch (option.id) {
    case OptionId::kBind:
    case OptionId::kRoBind:
    case OptionId::kDevBind:
    case OptionId::kBindTry:
    case OptionId::kRoBindTry:
    case OptionId::kDevBindTry:
      return bind(option, bind_kind(option.id));
    case OptionId::kResolvConf:
      return bind_resolv_conf(option);
    case OptionId::kTmpfs:
      return mount_tmpfs(option.name, option.value);
    case OptionId::kMqueue:
      return mount_queues(option.name, option.value);
    case OptionId::kProc:
      return mount_proc(option.name, option.value);
    case OptionId::kDev:
      return mount_dev(option.name, option.value);
    case OptionId::kDir:
      (void)open_target(root_.get(), option.value, Target::kDirectory, Make::kAll, option.name,
                        {.directory = modifiers_.mode(0755)});
      return;
    case OptionId::kSymlink:
      return make_symlink(root_.get(), option.value, option.second, option.name);
    case OptionId::kOverlay:
      if (option.sources != 0) return mount_overlay(option, option.third);
      if (!is_root(option.second)) mount_overlay(option, option.second);
      return;
    case OptionId::kTmpOverlay:
    case OptionId::kRoOverlay:
      return mount_overlay(option, option.value);
    case OptionId::kChmod:
      return change_mode(option);
    case OptionId::kRemountRo:
      return remount_read_only(option);
    default:
      return apply_given(option);
  }
}

void Builder::build() {
  // Never shared: mounts made here would appear on the host.
  const unsigned long propagation = options_.files.slave ? MS_SLAVE : MS_PRIVATE;
  const auto made = sys::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr);
  if (made.error() == EINVAL) {
    fail("make mounts private", "/",
         "not a mount, as in a chroot (enter that root by nsrun --rootfs, or pivot_root)");
  }
  check(made, "make mounts private", "/");
  root_.take(options_, has_mount_setattr_);
  if (options_.files.assembled) {
    // As in bwrap, the root has only what the options mount.
  } else if (root_.is_own()) {
    // Now, because the host's /proc is still visible: a user namespace may mount a new procfs only
    // then.
    mount_proc(kRootfs, "/proc");
    mount_dev(kRootfs, "/dev");
    // It keeps the kernel's default mode, 1777.
    attach(FileSystem(kRootfs, "tmpfs").set("size", kTmpfsSize).mount(kNoSurprises).get(),
           target("/tmp", kRootfs).get(), kRootfs, "/tmp");
  } else if (options_.creates(CLONE_NEWPID)) {
    mount_proc("/proc", "/proc");
  }
  for (OptionReader reader(options_.argv); reader.next();) {
    if (modifiers_.take(reader.option())) continue;
    apply(reader.option());
    modifiers_ = {};
  }
  if (root_.is_own()) root_.enter(options_);
}

}  // namespace

void build_file_system(const Options& options, int mounts) {
  // New files get the modes given here, whatever the caller's umask is.
  const unsigned callers = sys::exchange_umask(0);
  Builder(options, mounts).build();
  (void)sys::exchange_umask(callers);
}

void mount_message_queues(const Options& options) {
  for (OptionReader reader(options.argv); options.files.mounts && reader.next();) {
    const Option& option = reader.option();
    if (option.id != OptionId::kMqueue) continue;
    const Fd root = check(sys::open("/", O_PATH | O_DIRECTORY), "open", "/");
    const Fd mount = FileSystem(option.name, "mqueue").mount(kNoSurprises);
    const Fd place =
        open_target(root.get(), option.value, Target::kDirectory, Make::kNothing, option.name);
    attach(mount.get(), place.get(), option.name, option.value);
  }
}

void leave_old_root(const Options& options) {
  if (!options.has_root()) return;
  check(sys::unmount(".", MNT_DETACH), "unmount", "old root");
  check(sys::chdir("/"), "chdir", "/");
}

}  // namespace nsrun
