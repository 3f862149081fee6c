#include "tools/nsrun/container/rootfs.h"

#include "syscalls/file.h"
#include "tools/nsrun/common/mount_table.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

namespace {

constexpr char kRootfs[] = "--rootfs";

class Builder {
 public:
  explicit Builder(const Options& options) : options_(options) {}
  void build();

 private:
  void take_root();
  void take_directory_as_root(const char* path);
  void take_overlay_as_root(const Option& option);
  void apply(const Option& option);
  void bind(const Option& option, bool read_only);
  void mount_proc(const char* option, const char* path);
  void mount_dev(const char* option, const char* path);
  void mount_new(const char* option, const char* type, const char* path, const char* mode);
  void enter_root();
  void protect_kernel_interfaces() const;
  void make_mounts_below_read_only(int mount, const char* path) const;

  [[nodiscard]] Fd target(const char* path, const char* option,
                          Target kind = Target::kDirectory) const {
    return open_target(root_.get(), path, kind, own_root_, option);
  }

  const Options& options_;
  bool own_root_ = false;
  const bool has_mount_setattr_ = has_mount_setattr();
  Fd root_;
};

// The host's device, bound over an empty file: a user namespace may not make device nodes.
void bind_device(int dev, const char* option, const char* name) {
  sys::FixedString<32> host_path;
  host_path << "/dev/" << name;
  const Fd device = copy_of_tree(host_path.c_str(), Extent::kAlone, option);
  const Fd file = check(sys::openat(dev, name, O_CREAT | O_EXCL | O_NOFOLLOW, 0644), option, name);
  attach(device.get(), file.get(), option, host_path.c_str());
}

// On a new directory of that name.
void attach_below(int dev, int mount, const char* name, const char* option) {
  check(sys::mkdirat(dev, name, 0755), option, name);
  const Fd place = check(sys::openat(dev, name, O_PATH | O_DIRECTORY), option, name);
  attach(mount, place.get(), option, name);
}

// Opens what is to be hidden or protected, of a procfs or sysfs at `where`. Returns a closed Fd if
// this kernel lacks it.
Fd open_part(int directory, const char* name, const char* where) {
  auto found = sys::openat2(directory, name, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (found.error() == ENOENT) return Fd();
  return check(static_cast<sys::Result<Fd>&&>(found), where, name);
}

void hide(int directory, const char* name, const char* where) {
  const Fd place = open_part(directory, name, where);
  if (!place.is_open()) return;
  struct statx status {};
  check(sys::statx(place.get(), "", AT_EMPTY_PATH, STATX_TYPE, status), where, name);
  const bool is_directory = (status.stx_mode & S_IFMT) == S_IFDIR;
  const Fd cover = is_directory ? FileSystem(where, "tmpfs").mount(kNoSurprises | MOUNT_ATTR_RDONLY)
                                : copy_of_tree("/dev/null", Extent::kAlone, where);
  attach(cover.get(), place.get(), where, name);
}

// A second mount of the same file or directory, which can then be made read-only by itself.
Fd cover_with_itself(int proc, const char* name) {
  const Fd place = open_part(proc, name, "/proc");
  if (!place.is_open()) return Fd();
  Fd copy = check(sys::open_tree(place.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH), "/proc", name);
  attach(copy.get(), place.get(), "/proc", name);
  return copy;
}

// File systems through which the kernel is configured, by the types that the kernel gives them.
constexpr char kCgroups[] = "cgroup\0cgroup2\0";
constexpr char kInterfaces[] =
    "proc\0sysfs\0cgroup\0cgroup2\0debugfs\0tracefs\0securityfs\0configfs\0bpf\0pstore\0efivarfs\0"
    "selinuxfs\0smackfs\0binfmt_misc\0fusectl\0devtmpfs\0devpts\0nfsd\0rpc_pipefs\0";

bool is_one_of(const char* names, Text type) {
  for (; *names != '\0'; names += sys::length(names) + 1) {
    if (type == Text::of(names)) return true;
  }
  return false;
}

// Makes those of these types read-only that are mounted below `path` of the host's, in the copy of
// its mounts that `root` is. A container whose root is the host's may write there without any
// capability.
void make_types_read_only(const char* types, int root, Text path) {
  if (path == "/") path = {};
  for (MountTable mounts; mounts.next();) {
    const Text point = mounts.point();
    if (!is_one_of(types, mounts.type()) || !point.starts_with(path)) continue;
    const sys::Path below(point.from(path.size()));
    if (!below.text().starts_with("/")) continue;
    const auto found = open_inside(root, below.c_str(), O_PATH);
    if (!found) continue;  // another mount hides it
    const Fd mount = found.value();
    make_read_only(mount.get(), Extent::kAlone, "make read-only", below.c_str());
  }
}

bool is_initial_user_namespace() {
  constexpr uint64_t kInitial = 0xEFFFFFFD;  // PROC_USER_INIT_INO, <linux/proc_ns.h>
  struct statx status {};
  const auto asked = sys::statx(AT_FDCWD, "/proc/self/ns/user", 0, STATX_INO, status);
  return asked && status.stx_ino == kInitial;
}

// An overlay as the option says, "LOWER:LOWER,UPPER,WORK", on what `place` is.
Fd mount_overlay(const Option& option, int place) {
  const char* name = option.name;
  sys::Splitter parts(Text::of(option.value), ',');
  const Text lowers = parts.next();
  // By their fds: the option's value may be at most 255 characters, and a path may hold what means
  // something else there.
  constexpr int kMostLayers = 16;
  Fd fds[kMostLayers];
  int count = 0;
  sys::FixedString<512> value;
  for (sys::Splitter layers(lowers, ':'); layers.more();) {
    const sys::Path path(layers.next());
    if (count == kMostLayers) fail(name, option.value, "more than 16 layers");
    fds[count] =
        check(sys::openat(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY), name, path.c_str());
    value << (count == 0 ? "" : ":") << "/proc/self/fd/" << fds[count].get();
    ++count;
  }
  sys::Path upper;
  sys::Path work;
  Fd thrown_away;
  if (parts.more()) {
    upper << parts.next();
    if (!parts.more()) fail(name, option.value, "UPPER wants WORK");
    work << parts.next();
  } else {
    // A file system of its own, below the overlay: before Linux 6.6 a layer must be attached.
    thrown_away = FileSystem(name, "tmpfs").mount(kNoSurprises);
    attach(thrown_away.get(), place, name, option.second);
    const int tmp = thrown_away.get();
    check(sys::mkdirat(tmp, "upper", 0755), name, "upper");
    check(sys::mkdirat(tmp, "work", 0700), name, "work");
    upper << "/proc/self/fd/" << tmp << "/upper";
    work << "/proc/self/fd/" << tmp << "/work";
  }
  FileSystem overlay(name, "overlay");
  overlay.set("lowerdir", value.c_str());
  overlay.set("upperdir", upper.c_str()).set("workdir", work.c_str());
  // Its notes are extended attributes of a kind that only the host's root may write.
  if (!is_initial_user_namespace()) overlay.set_flag("userxattr");
  Fd mount = overlay.mount(MOUNT_ATTR_NODEV);
  attach(mount.get(), place, name, option.second);
  return mount;
}

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
    if (options_.process.cgroup != nullptr) make_types_read_only(kCgroups, root_.get(), "/");
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
  if (options_.files.mask) protect_kernel_interfaces();
}

// With the host's own /sys in the root: parts of it are hidden as an OCI runtime hides them.
void Builder::protect_kernel_interfaces() const {
  const auto opened = open_inside(root_.get(), "/sys", O_PATH | O_DIRECTORY);
  if (!opened) return;
  const Fd sys_directory = opened.value();
  struct statfs status {};
  check(sys::fstatfs(sys_directory.get(), status), "fstatfs", "/sys");
  if (static_cast<unsigned long>(status.f_type) != SYSFS_MAGIC) return;
  hide(sys_directory.get(), "firmware", "/sys");
  hide(sys_directory.get(), "devices/virtual/powercap", "/sys");
  // The root is mounted on itself: this is the path that the table of mounts has.
  sys::ShortString link;
  link << "/proc/self/fd/" << root_.get();
  char path[4096];
  make_types_read_only(kInterfaces, root_.get(),
                       check(sys::readlinkat(AT_FDCWD, link.c_str(), {path, sizeof path}),
                             "readlink", link.c_str()));
}

void Builder::mount_proc(const char* option, const char* path) {
  const Fd proc = FileSystem(option, "proc").mount(kNoSurprises | MOUNT_ATTR_NOEXEC);
  attach(proc.get(), target(path, option).get(), option, path);
  if (!own_root_ || !options_.files.mask) return;
  // What an OCI runtime hides and protects; a kernel has some of these and not others. Static:
  // Clang 14 reaches an automatic constant on s390x by a GOT, which we do not have.
  static constexpr char kHidden[][14] = {"acpi",       "asound",        "interrupts",  "kcore",
                                         "keys",       "latency_stats", "sched_debug", "scsi",
                                         "timer_list", "timer_stats"};
  static constexpr char kProtected[][14] = {"bus", "dynamic_debug", "fs",
                                            "irq", "sys",           "sysrq-trigger"};
  for (const auto& name : kHidden) hide(proc.get(), name, "/proc");
  for (const auto& name : kProtected) {
    const Fd mount = cover_with_itself(proc.get(), name);
    if (mount.is_open() && !has_mount_setattr_) {
      make_read_only(mount.get(), Extent::kAlone, "/proc", name);
    }
  }
  make_mounts_below_read_only(proc.get(), "/proc");
}

// What is mounted on these shows the host's own files: /dev/null, whose mode a container whose root
// is the host's could change. (Devices can be written to on a read-only mount.)
void Builder::make_mounts_below_read_only(int mount, const char* path) const {
  if (!has_mount_setattr_) return;
  constexpr unsigned kAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  restrict_mount(mount, Extent::kWithAllBelow, kAttributes, path, "mounts below");
  check(sys::mount_setattr(mount, "", AT_EMPTY_PATH, {.clear = MOUNT_ATTR_RDONLY}), path);
}

void Builder::mount_dev(const char* option, const char* path) {
  const Fd dev_mount =
      FileSystem(option, "tmpfs").set("mode", "0755").set("size", "65536").mount(kNoSurprises);
  attach(dev_mount.get(), target(path, option).get(), option, path);
  const int dev = dev_mount.get();

  static constexpr char kDevices[][8] = {"null", "zero", "full", "random", "urandom", "tty"};
  for (const auto& name : kDevices) bind_device(dev, option, name);
  make_mounts_below_read_only(dev, path);

  const Fd shm_mount = FileSystem(option, "tmpfs").set("mode", "1777").mount(kNoSurprises);
  attach_below(dev, shm_mount.get(), "shm", option);
  const Fd pts_mount = FileSystem(option, "devpts")
                           .set_flag("newinstance")
                           .set("ptmxmode", "0666")
                           .set("mode", "0620")
                           .mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  attach_below(dev, pts_mount.get(), "pts", option);

  // Targets and names in turns.
  static constexpr char kLinks[][16] = {"pts/ptmx",        "ptmx",  "/proc/self/fd",   "fd",
                                        "/proc/self/fd/0", "stdin", "/proc/self/fd/1", "stdout",
                                        "/proc/self/fd/2", "stderr"};
  for (size_t i = 0; i < sizeof kLinks / sizeof kLinks[0]; i += 2) {
    check(sys::symlinkat(kLinks[i], dev, kLinks[i + 1]), option, kLinks[i + 1]);
  }
}

void Builder::mount_new(const char* option, const char* type, const char* path, const char* mode) {
  FileSystem fs(option, type);
  if (mode != nullptr) fs.set("mode", mode);
  const Fd mount = fs.mount(kNoSurprises);
  attach(mount.get(), target(path, option).get(), option, path);
}

void Builder::bind(const Option& option, bool read_only) {
  // Before Linux 5.12 the mounts below could not be made read-only, nodev and nosuid: they are left
  // out.
  const Extent extent = has_mount_setattr_ ? Extent::kWithAllBelow : Extent::kAlone;
  const Fd copy = copy_of_tree(option.value, extent, option.name);
  struct statx status {};
  check(sys::statx(copy.get(), "", AT_EMPTY_PATH, STATX_TYPE, status), option.name, option.value);
  const Target kind = (status.stx_mode & S_IFMT) == S_IFDIR ? Target::kDirectory : Target::kFile;
  const Fd place = target(option.second, option.name, kind);
  attach(copy.get(), place.get(), option.name, option.second);
  const unsigned attributes = read_only ? kNoSurprises | MOUNT_ATTR_RDONLY : kNoSurprises;
  restrict_mount(copy.get(), extent, attributes, option.name, option.value);
}

void Builder::apply(const Option& option) {
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
  check(sys::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
  take_root();
  if (own_root_) {
    // While the host's /proc is still in sight: a user namespace may mount a new one only then.
    mount_proc(kRootfs, "/proc");
    mount_dev(kRootfs, "/dev");
    mount_new(kRootfs, "tmpfs", "/tmp", "1777");
  } else if (options_.creates(CLONE_NEWPID)) {
    mount_proc("/proc", "/proc");
  }
  for (OptionReader reader(options_.argv); reader.next();) apply(reader.option());
  if (own_root_) enter_root();
}

}  // namespace

void build_file_system(const Options& options) {
  // What is made has the modes that are given here, whatever the caller's umask is.
  const unsigned callers = sys::exchange_umask(0);
  Builder(options).build();
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

sys::Result<sys::Pid> fork_builder(const Options& options) {
  // Of a new pid namespace the next pid is for the command's first child.
  sys::Pid pid = 300;
  clone_args arguments{};
  arguments.flags = CLONE_FS;
  arguments.exit_signal = 0;  // ours to wait for whatever the caller does with SIGCHLD
  if (options.creates(CLONE_NEWPID)) {
    arguments.set_tid = reinterpret_cast<uint64_t>(&pid);
    arguments.set_tid_size = 1;
    const auto born = sys::clone3(arguments);
    if (born) return born;
  }
  return sys::clone(CLONE_FS);  // before Linux 5.5, or behind a filter that refuses clone3
}

void wait_for_builder(sys::Pid builder) {
  const auto ended = check(sys::wait(builder, __WALL), "wait");
  if (!ended.exited()) fail("build the file system", nullptr, "killed");
  if (ended.exit_status() != 0) sys::exit(ended.exit_status());
}

}  // namespace nsrun
