#include "tools/nsrun/rootfs.h"

#include "syscalls/mount.h"
#include "tools/nsrun/error.h"

namespace nsrun {

using sys::Fd;
using sys::FsConfig;

namespace {

constexpr unsigned kNoSurprises = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

// A new file system as a detached mount. Options come as key, value, …, NULL; a NULL value is a
// flag.
class FileSystem {
 public:
  explicit FileSystem(const char* type)
      : type_(type), fs_(check(sys::fsopen(type), "fsopen", type)) {}

  FileSystem& set(const char* key, const char* value) {
    check(sys::fsconfig(fs_.get(), FsConfig::kSetString, key, value), "fsconfig", key);
    return *this;
  }
  FileSystem& set_flag(const char* key) {
    check(sys::fsconfig(fs_.get(), FsConfig::kSetFlag, key), "fsconfig", key);
    return *this;
  }
  Fd mount(unsigned attributes) {
    check(sys::fsconfig(fs_.get(), FsConfig::kCreate), "mount", type_);
    return check(sys::fsmount(fs_.get(), attributes), "fsmount", type_);
  }

 private:
  const char* type_;
  Fd fs_;
};

// Opens a path inside a root that is not to be trusted: symlinks stay inside it.
sys::Result<Fd> open_inside(int root, const char* path, int flags) {
  return sys::openat2(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

Fd open_directory(int root, const char* name) {
  const auto made = sys::mkdirat(root, name, 0755);
  if (!made && !(made.error() == EEXIST)) fail("mkdir in rootfs", name, made.error());
  return check(open_inside(root, name, O_PATH | O_DIRECTORY), "open in rootfs", name);
}

void attach(int mount, int target, const char* name) {
  constexpr unsigned kByFds = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  check(sys::move_mount(mount, "", target, "", kByFds), "mount on", name);
}

// The host's device, bound over an empty file: a user namespace may not make device nodes.
void bind_device(int dev, const char* name) {
  sys::FixedString<32> host_path;
  host_path << "/dev/" << name;
  const Fd device = check(sys::open_tree(AT_FDCWD, host_path.c_str(), OPEN_TREE_CLONE), "open",
                          host_path.c_str());
  const Fd file =
      check(sys::openat(dev, name, O_CREAT | O_EXCL | O_NOFOLLOW, 0644), "create", name);
  attach(device.get(), file.get(), host_path.c_str());
}

void link(const char* target, int dev, const char* name) {
  check(sys::symlinkat(target, dev, name), "symlink in /dev", name);
}

void mount_dev(int root) {
  const Fd dev_mount =
      FileSystem("tmpfs").set("mode", "0755").set("size", "65536").mount(MOUNT_ATTR_NOSUID);
  const Fd target = open_directory(root, "dev");
  attach(dev_mount.get(), target.get(), "/dev");
  const int dev = dev_mount.get();

  // Static: Clang 14 reaches an automatic constant on s390x by a GOT, which we do not have.
  static constexpr char kDevices[][8] = {"null", "zero", "full", "random", "urandom", "tty"};
  for (const auto& name : kDevices) bind_device(dev, name);

  check(sys::mkdirat(dev, "pts", 0755), "mkdir", "/dev/pts");
  const Fd pts = check(sys::openat(dev, "pts", O_PATH | O_DIRECTORY), "open", "/dev/pts");
  const Fd pts_mount = FileSystem("devpts")
                           .set_flag("newinstance")
                           .set("ptmxmode", "0666")
                           .set("mode", "0620")
                           .mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  attach(pts_mount.get(), pts.get(), "/dev/pts");

  link("pts/ptmx", dev, "ptmx");
  link("/proc/self/fd", dev, "fd");
  link("/proc/self/fd/0", dev, "stdin");
  link("/proc/self/fd/1", dev, "stdout");
  link("/proc/self/fd/2", dev, "stderr");
}

Fd new_proc() { return FileSystem("proc").mount(kNoSurprises | MOUNT_ATTR_NOEXEC); }

}  // namespace

void make_mounts_private() {
  check(sys::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
}

void mount_fresh_proc() {
  const Fd target = check(sys::openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY), "open", "/proc");
  attach(new_proc().get(), target.get(), "/proc");
}

void enter_rootfs(const char* directory) {
  // pivot_root wants a mount: the directory becomes one, on itself.
  const Fd place =
      check(sys::openat(AT_FDCWD, directory, O_PATH | O_DIRECTORY), "--rootfs", directory);
  const Fd root =
      check(sys::open_tree(place.get(), "", OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH),
            "--rootfs", directory);
  attach(root.get(), place.get(), directory);

  // While the host's /proc is still in sight: a user namespace may mount a new one only then.
  attach(new_proc().get(), open_directory(root.get(), "proc").get(), "/proc");
  mount_dev(root.get());
  const Fd tmp = FileSystem("tmpfs").set("mode", "1777").mount(kNoSurprises);
  attach(tmp.get(), open_directory(root.get(), "tmp").get(), "/tmp");

  check(sys::fchdir(root.get()), "chdir", directory);
  // pivot_root(2), "pivot_root(".", ".")": the old root then lies on top, and goes.
  check(sys::pivot_root(".", "."), "pivot_root", directory);
  check(sys::unmount(".", MNT_DETACH), "unmount", "old root");
  check(sys::chdir("/"), "chdir", "/");
}

}  // namespace nsrun
