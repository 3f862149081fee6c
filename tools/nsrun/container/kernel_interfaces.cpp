#include "tools/nsrun/container/kernel_interfaces.h"

#include "syscalls/file.h"
#include "tools/nsrun/common/mount_table.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

namespace {

// Opens a file to hide or protect, below `directory`, which is the procfs or sysfs at `where`.
// Returns a closed Fd if this kernel lacks the file.
Fd open_part(int directory, const char* name, const char* where) {
  auto found = sys::openat2(directory, name, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (found.error() == ENOSYS) found = open_inside(directory, name, O_PATH);
  if (found.error() == ENOENT) return Fd();
  return check(static_cast<sys::Result<Fd>&&>(found), where, name);
}

void hide(int directory, const char* name, const char* where) {
  const Fd place = open_part(directory, name, where);
  if (!place.is_open()) return;
  const bool is_directory = type_of(place.get(), where, name) == S_IFDIR;
  const Fd cover = is_directory ? FileSystem(where, "tmpfs").mount(kNoSurprises | MOUNT_ATTR_RDONLY)
                                : copy_of_tree("/dev/null", Extent::kAlone, where);
  attach(cover.get(), place.get(), where, name);
}

// Mounts a file or directory on itself, so that this mount can be made read-only by itself.
Fd cover_with_itself(int proc, const char* name) {
  const Fd place = open_part(proc, name, "/proc");
  if (!place.is_open()) return Fd();
  Fd copy = check(sys::open_tree(place.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH), "/proc", name);
  attach(copy.get(), place.get(), "/proc", name);
  return copy;
}

// File systems that configure the kernel, by their type names.
constexpr char kCgroups[] = "cgroup\0cgroup2\0";
// In the order of enum class Interfaces, whose value says how many of the first are left out.
constexpr char kInterfaces[] =
    "devtmpfs\0devpts\0proc\0sysfs\0cgroup\0cgroup2\0debugfs\0tracefs\0securityfs\0configfs\0bpf\0"
    "pstore\0efivarfs\0selinuxfs\0smackfs\0binfmt_misc\0fusectl\0nfsd\0rpc_pipefs\0";

bool is_one_of(const char* names, Text type) {
  for (; *names != '\0'; names += sys::length(names) + 1) {
    if (type == Text::of(names)) return true;
  }
  return false;
}

// Makes mounts of these types read-only, if they are on or below the host's `path`, except the one
// on `spared` below it. `root` is the copy of the host's mounts in which they are changed. Without
// this, a container whose root is the host's root could write to them without any capability.
void make_types_read_only(const char* types, int root, Text path, Text spared) {
  if (path == "/") path = {};
  for (MountTable mounts; mounts.next();) {
    const Text point = mounts.point();
    if (!is_one_of(types, mounts.type()) || !point.starts_with(path)) continue;
    const sys::Path below(point.from(path.size()));
    if (below.text() == spared) continue;
    if (below.text().empty()) {
      make_read_only(root, Extent::kAlone, "make read-only", "what is bound");
    }
    if (!below.text().starts_with("/")) continue;
    const auto found = open_inside(root, below.c_str(), O_PATH);
    if (!found) continue;  // another mount hides it
    const Fd mount = found.value();
    make_read_only(mount.get(), Extent::kAlone, "make read-only", below.c_str());
  }
}

}  // namespace

void hide_parts_of_proc(int proc) {
  // What an OCI runtime hides; not every kernel has all of these. Static: Clang 14 would reach an
  // automatic constant on s390x through a GOT, which nsrun does not have.
  static constexpr char kHidden[][14] = {"acpi",       "asound",        "interrupts",  "kcore",
                                         "keys",       "latency_stats", "sched_debug", "scsi",
                                         "timer_list", "timer_stats"};
  for (const auto& name : kHidden) hide(proc, name, "/proc");
}

void protect_proc(int proc, bool has_mount_setattr) {
  hide_parts_of_proc(proc);
  static constexpr char kProtected[][14] = {"bus", "dynamic_debug", "fs",
                                            "irq", "sys",           "sysrq-trigger"};
  for (const auto& name : kProtected) {
    const Fd mount = cover_with_itself(proc, name);
    if (mount.is_open() && !has_mount_setattr) {
      make_read_only(mount.get(), Extent::kAlone, "/proc", name);
    }
  }
  if (has_mount_setattr) make_mounts_below_read_only(proc, "/proc");
}

void protect_interfaces(int mount, bool is_root, Interfaces interfaces, bool has_mount_setattr) {
  const auto opened = open_inside(mount, "/sys", O_PATH | O_DIRECTORY);
  if (!opened && is_root) return;
  const Fd directory = opened ? opened.value() : Fd();
  sys::FileSystem status{};
  check(sys::fstatfs(opened ? directory.get() : mount, status), "fstatfs", "/sys");
  const auto type = static_cast<unsigned long>(status.f_type);
  if (opened && type == PROC_SUPER_MAGIC) return protect_proc(mount, has_mount_setattr);
  if (opened && type == SYSFS_MAGIC) {
    hide(directory.get(), "firmware", "/sys");
    hide(directory.get(), "devices/virtual/powercap", "/sys");
  }
  // The kernel's own file systems have no blocks. Control groups can be mounted in a tmpfs.
  if (status.f_blocks != 0 && (is_root || type != TMPFS_MAGIC)) return;
  // The table of mounts has the path at which it is mounted for now.
  char path[4096];
  make_types_read_only(sys::entry(kInterfaces, static_cast<size_t>(interfaces)), mount,
                       path_of(mount, {path, sizeof path}), is_root ? Text("/proc") : Text("/"));
}

void protect_cgroups(int root) { make_types_read_only(kCgroups, root, "/", "/"); }

}  // namespace nsrun
