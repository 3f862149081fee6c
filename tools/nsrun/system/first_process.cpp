#include "tools/nsrun/system/first_process.h"

#include <linux/reboot.h>

#include "syscalls/file.h"
#include "syscalls/mount.h"
#include "syscalls/poll.h"
#include "syscalls/system.h"
#include "tools/nsrun/common/mapped.h"
#include "tools/nsrun/system/supervisor.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kConfig[] = "/etc/nsrun.conf";

// Mounts a file system that every system needs. Reports an error and goes on.
void mount_for_system(const char* type, const char* path, const char* options,
                      unsigned long flags) {
  (void)sys::mkdirat(AT_FDCWD, path, 0755);
  const auto mounted = sys::mount(type, path, type, flags, options);
  if (mounted || mounted.error() == EBUSY) return;
  // ENOENT: the directory is one of a file system that this kernel does not have.
  const sys::Errno error = mounted.error() == ENOENT ? sys::Errno{ENODEV} : mounted.error();
  complain("mount", path, error);
}

// pivot_root(2) cannot move the kernel's initial root file system, but it can move a mount that is
// on top of it. So a copy of it is mounted there and becomes the root.
void move_off_rootfs() {
  const Fd copy = check(sys::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE), "open_tree", "/");
  check(sys::move_mount(copy.get(), "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "move_mount", "/");
  check(sys::fchdir(copy.get()), "chdir", "/");
  check(sys::chroot("."), "chroot", "/");
}

// The kernel gives its first process a console only if the initramfs has a /dev/console.
void open_console() {
  if (sys::fcntl(1, F_GETFD)) return;
  const auto console = sys::open("/dev/console", O_RDWR | O_NOCTTY);
  if (!console) return;
  Fd fd = console.value();
  for (int standard = 0; standard <= 2; ++standard) (void)sys::dup3(fd.get(), standard, 0);
  if (fd.get() <= 2) (void)fd.release();
}

void set_up_system() {
  move_off_rootfs();
  constexpr unsigned long kSafe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  mount_for_system("devtmpfs", "/dev", "mode=0755", MS_NOSUID);
  open_console();
  mount_for_system("proc", "/proc", nullptr, kSafe);
  mount_for_system("sysfs", "/sys", nullptr, kSafe);
  mount_for_system("devpts", "/dev/pts", "mode=0620,ptmxmode=0666", MS_NOSUID | MS_NOEXEC);
  mount_for_system("tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV);
  mount_for_system("tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV);
  mount_for_system("cgroup2", "/sys/fs/cgroup", nullptr, kSafe);
  // From now on the kernel sends SIGINT to this process on Ctrl-Alt-Del.
  (void)sys::reboot(LINUX_REBOOT_CMD_CAD_OFF);
}

[[noreturn]] void end_system(Finally how) {
  sys::sync();
  const bool again = how == Finally::kReboot;
  complain("the system", nullptr, again ? "boots again" : "powers off");
  const auto done = sys::reboot(again ? LINUX_REBOOT_CMD_RESTART : LINUX_REBOOT_CMD_POWER_OFF);
  complain("reboot", nullptr, done.error());
  for (;;) (void)sys::poll({nullptr, 0});  // the kernel panics if its first process ends
}

}  // namespace

void run_system(const stub::InitialStack& stack) {
  set_up_system();
  Supervisor& supervisor = *check(make_mapped<Supervisor>(stack), "mmap", kConfig);
  const auto read = supervisor.read(kConfig);
  if (!read) complain("open", kConfig, read.error());
  supervisor.run();
  const bool stays = read && supervisor.finally() == Finally::kStay;
  if (stays) supervisor.wait_for_signal();
  if (supervisor.stopped_by() == SIGINT) end_system(Finally::kReboot);
  end_system(stays ? Finally::kPowerOff : supervisor.finally());
}

bool is_system(const stub::InitialStack& stack) {
  const char* name = stack.argv()[0];
  return sys::getpid() == 1 && name != nullptr &&
         (sys::same(name, "/init") || sys::same(name, "/sbin/init"));
}

}  // namespace nsrun
