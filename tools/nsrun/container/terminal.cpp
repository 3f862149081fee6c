#include "tools/nsrun/container/terminal.h"

#include <asm/termios.h>

#include "syscalls/file.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kTty[] = "--tty";
constexpr char kDevpts[] = "/dev/pts";

// Every kernel's devpts has this multiplexer (devices.txt).
constexpr unsigned kMultiplexerMajor = 5;
constexpr unsigned kMultiplexerMinor = 2;

bool is_devpts(int fd) {
  sys::FileSystem status{};
  const auto asked = sys::fstatfs(fd, status);
  return asked && static_cast<unsigned long>(status.f_type) == DEVPTS_SUPER_MAGIC;
}

bool is_multiplexer(int fd) {
  struct statx status {};
  check(sys::statx(fd, STATX_TYPE, status), kTty, "statx");
  return (status.stx_mode & S_IFMT) == S_IFCHR && status.stx_rdev_major == kMultiplexerMajor &&
         status.stx_rdev_minor == kMultiplexerMinor;
}

// The multiplexer must be in the devpts itself, and not in a mount on top of it: RESOLVE_NO_XDEV.
// Before Linux 5.6 this is checked after opening it.
sys::Result<Fd> open_joined_multiplexer(bool may_lack) {
  auto directory = sys::open(kDevpts, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!directory && may_lack) return directory.error();
  const Fd devpts =
      check(static_cast<sys::Result<Fd>&&>(directory), kTty, "the container's /dev/pts");
  if (!is_devpts(devpts.get()) && may_lack) return sys::Errno{ENODEV};
  if (!is_devpts(devpts.get())) fail(kTty, "the container's /dev/pts", "not a devpts file system");
  constexpr int kFlags = O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
  auto opened = sys::openat2(devpts.get(), "ptmx", kFlags,
                             RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
  if (opened.error() == ENOSYS) opened = sys::openat(devpts.get(), "ptmx", kFlags);
  if (!opened) return opened.error();
  Fd master = opened.value();
  if (!is_devpts(master.get())) {
    if (may_lack) return sys::Errno{ENODEV};
    fail(kTty, "the container's /dev/pts/ptmx", "not of a devpts file system");
  }
  return sys::Result<Fd>::of(master.release());
}

// Returns a closed Fd if there is none and `may_lack` is set.
Fd open_multiplexer(bool joined, bool may_lack) {
  auto opened =
      joined ? open_joined_multiplexer(may_lack) : sys::open("/dev/ptmx", O_RDWR | O_NOCTTY);
  if (!opened && may_lack) return {};
  Fd master = check(static_cast<sys::Result<Fd>&&>(opened), kTty,
                    joined ? "the container's /dev/pts/ptmx" : "/dev/ptmx");
  const bool is_one = is_multiplexer(master.get());
  if (!is_one && may_lack) return {};
  if (!is_one) fail(kTty, "/dev/ptmx", "not a pseudoterminal multiplexer");
  return master;
}

// By the master and not by a path, which could lead elsewhere. Linux 4.13. The master is a real
// multiplexer, so the kernel's own driver answers.
Fd open_slave(int master) {
  return Fd(
      check(sys::ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), kTty, "TIOCGPTPEER"));
}

}  // namespace

bool take_terminal(int socket, unsigned uid, bool joined, bool may_lack) {
  const Fd master = open_multiplexer(joined, may_lack);
  if (!master.is_open()) return false;
  const int unlocked = 0;
  check(sys::ioctl(master.get(), TIOCSPTLCK, &unlocked), kTty, "unlock");
  const Fd slave = open_slave(master.get());
  if (uid != 0) check(sys::fchown(slave.get(), uid, ~0U), kTty, "chown");
  for (int fd = 0; fd <= 2; ++fd) check(sys::dup3(slave.get(), fd, 0), kTty, "dup3");
  char byte = '\n';
  check(sys::FdMessage({&byte, 1}, master.get()).send(socket), kTty, "send");
  return true;
}

void control_terminal() { check(sys::ioctl(0, TIOCSCTTY, 0L), kTty, "TIOCSCTTY"); }

}  // namespace nsrun
