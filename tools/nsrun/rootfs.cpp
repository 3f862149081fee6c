#include "tools/nsrun/rootfs.h"

#include "syscalls/file.h"
#include "tools/nsrun/mounts.h"

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

  [[nodiscard]] Fd target(const char* path, const char* option,
                          Target kind = Target::kDirectory) const {
    return open_target(root_.get(), path, kind, own_root_, option);
  }

  const Options& options_;
  bool own_root_ = false;
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

// Opens what is to be hidden or protected, of a procfs of ours. Not open: this kernel has no such.
Fd open_part(int proc, const char* name) {
  auto found = sys::openat2(proc, name, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (found.error() == ENOENT) return Fd();
  return check(static_cast<sys::Result<Fd>&&>(found), "/proc", name);
}

void hide(int proc, const char* name) {
  const Fd place = open_part(proc, name);
  if (!place.is_open()) return;
  struct statx status {};
  check(sys::statx(place.get(), "", AT_EMPTY_PATH, STATX_TYPE, status), "/proc", name);
  const bool is_directory = (status.stx_mode & S_IFMT) == S_IFDIR;
  const Fd cover = is_directory
                       ? FileSystem("/proc", "tmpfs").mount(kNoSurprises | MOUNT_ATTR_RDONLY)
                       : copy_of_tree("/dev/null", Extent::kAlone, "/proc");
  attach(cover.get(), place.get(), "/proc", name);
}

void protect(int proc, const char* name) {
  const Fd place = open_part(proc, name);
  if (!place.is_open()) return;
  const Fd copy =
      check(sys::open_tree(place.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH), "/proc", name);
  attach(copy.get(), place.get(), "/proc", name);
  make_read_only(copy.get(), Extent::kAlone, "/proc", name);
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
  if (options_.rootfs != nullptr) {
    take_directory_as_root(options_.rootfs);
  } else if (options_.overlay_root) {
    OptionReader reader(options_.argv);
    while (reader.next()) {
      const Option& option = reader.option();
      if (option.id == OptionId::kOverlay && sys::same(option.second, "/")) break;
    }
    take_overlay_as_root(reader.option());
  } else {
    root_ = check(sys::openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY), "open", "/");
    return;
  }
  own_root_ = true;
  if (options_.read_only && has_mount_setattr()) {
    // All below it now, before anything of ours is; the root itself once its mount points are made.
    const char* path = options_.rootfs;
    restrict_mount(root_.get(), MOUNT_ATTR_RDONLY, "--read-only", path);
    (void)sys::mount_setattr(root_.get(), "", AT_EMPTY_PATH, {.clear = MOUNT_ATTR_RDONLY});
  }
}

void Builder::mount_proc(const char* option, const char* path) {
  const Fd proc = FileSystem(option, "proc").mount(kNoSurprises | MOUNT_ATTR_NOEXEC);
  attach(proc.get(), target(path, option).get(), option, path);
  if (!own_root_ || !options_.mask) return;
  // What an OCI runtime hides and protects; a kernel has some of these and not others. Static:
  // Clang 14 reaches an automatic constant on s390x by a GOT, which we do not have.
  static constexpr char kHidden[][14] = {"acpi",       "asound",        "interrupts",  "kcore",
                                         "keys",       "latency_stats", "sched_debug", "scsi",
                                         "timer_list", "timer_stats"};
  static constexpr char kProtected[][14] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};
  for (const auto& name : kHidden) hide(proc.get(), name);
  for (const auto& name : kProtected) protect(proc.get(), name);
}

void Builder::mount_dev(const char* option, const char* path) {
  const Fd dev_mount =
      FileSystem(option, "tmpfs").set("mode", "0755").set("size", "65536").mount(MOUNT_ATTR_NOSUID);
  attach(dev_mount.get(), target(path, option).get(), option, path);
  const int dev = dev_mount.get();

  static constexpr char kDevices[][8] = {"null", "zero", "full", "random", "urandom", "tty"};
  for (const auto& name : kDevices) bind_device(dev, option, name);

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
  // Before 5.12 what is mounted below stays writable, and therefore away.
  const Extent extent = read_only && !has_mount_setattr() ? Extent::kAlone : Extent::kWithAllBelow;
  const Fd copy = copy_of_tree(option.value, extent, option.name);
  struct statx status {};
  check(sys::statx(copy.get(), "", AT_EMPTY_PATH, STATX_TYPE, status), option.name, option.value);
  const Target kind = (status.stx_mode & S_IFMT) == S_IFDIR ? Target::kDirectory : Target::kFile;
  const Fd place = target(option.second, option.name, kind);
  attach(copy.get(), place.get(), option.name, option.second);
  restrict_mount(copy.get(), kNoSurprises, option.name, option.value);
  if (read_only) make_read_only(copy.get(), extent, option.name, option.value);
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
  if (options_.read_only) {
    make_read_only(root_.get(), Extent::kAlone, "--read-only", options_.rootfs);
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
  } else if ((options_.namespaces_to_create() & CLONE_NEWPID) != 0) {
    mount_proc("/proc", "/proc");
  }
  for (OptionReader reader(options_.argv); reader.next();) apply(reader.option());
  if (own_root_) enter_root();
}

}  // namespace

void build_file_system(const Options& options) { Builder(options).build(); }

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
  arguments.set_tid = reinterpret_cast<uint64_t>(&pid);
  arguments.set_tid_size = (options.namespaces_to_create() & CLONE_NEWPID) != 0 ? 1 : 0;
  return sys::clone3(arguments);
}

void wait_for_builder(sys::Pid builder) {
  const auto ended = check(sys::wait(builder, __WALL), "wait");
  if (!ended.exited()) fail("build the file system", nullptr, "killed");
  if (ended.exit_status() != 0) sys::exit(ended.exit_status());
}

}  // namespace nsrun
