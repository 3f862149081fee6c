#include "tools/nsrun/container/dev.h"

#include "syscalls/file.h"
#include "tools/nsrun/container/root.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kDevices[][8] = {"null", "zero", "full", "random", "urandom", "tty"};
constexpr size_t kDeviceCount = sizeof kDevices / sizeof kDevices[0];

Fd open_device(const char* name, const char* option) {
  sys::FixedString<32> host_path;
  host_path << "/dev/" << name;
  return copy_of_tree(host_path.c_str(), Extent::kAlone, option);
}

// Binds the host's device over an empty file, because a user namespace cannot create device nodes.
void bind_device(int dev, const Fd& device, const char* option, const char* name) {
  const Fd file = check(sys::openat(dev, name, O_CREAT | O_EXCL | O_NOFOLLOW, 0644), option, name);
  attach(device.get(), file.get(), option, name);
}

// Creates a directory of that name, and attaches the mount there.
void attach_below(int dev, int mount, const char* name, const char* option) {
  check(sys::mkdirat(dev, name, 0755), option, name);
  const Fd place = check(sys::openat(dev, name, O_PATH | O_DIRECTORY), option, name);
  attach(mount, place.get(), option, name);
}

}  // namespace

void attach_and_fill_dev(int dev, int place, const char* option, const char* path,
                         bool has_mount_setattr, bool with_core) {
  // Before `dev` is attached, because without a root of its own it may hide the host's /dev.
  Fd devices[kDeviceCount];
  for (size_t i = 0; i < kDeviceCount; ++i) devices[i] = open_device(kDevices[i], option);
  attach(dev, place, option, path);
  for (size_t i = 0; i < kDeviceCount; ++i) bind_device(dev, devices[i], option, kDevices[i]);
  if (has_mount_setattr) make_mounts_below_read_only(dev, path);

  const Fd shm_mount = FileSystem(option, "tmpfs").set("size", kTmpfsSize).mount(kNoSurprises);
  attach_below(dev, shm_mount.get(), "shm", option);
  const Fd pts_mount = FileSystem(option, "devpts")
                           .set("ptmxmode", "0666")
                           .set("mode", "0620")
                           .mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  attach_below(dev, pts_mount.get(), "pts", option);

  // Pairs of target and name.
  static constexpr char kLinks[][16] = {"/proc/kcore",     "core",   "pts/ptmx",        "ptmx",
                                        "/proc/self/fd",   "fd",     "/proc/self/fd/0", "stdin",
                                        "/proc/self/fd/1", "stdout", "/proc/self/fd/2", "stderr"};
  for (size_t i = with_core ? 0 : 2; i < sizeof kLinks / sizeof kLinks[0]; i += 2) {
    check(sys::symlinkat(kLinks[i], dev, kLinks[i + 1]), option, kLinks[i + 1]);
  }
}

}  // namespace nsrun
