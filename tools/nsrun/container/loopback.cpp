#include "tools/nsrun/container/loopback.h"

#include "syscalls/file.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

// What netdevice(7) reads of struct ifreq, <linux/if.h>, and its size, of which the rest is unused.
struct InterfaceFlags {
  char name[16] = "lo";
  short flags = 1;  // IFF_UP; those of the device's kind the kernel keeps
  char rest[22] = {};
};
static_assert(sizeof(InterfaceFlags) == 40);

constexpr unsigned long kSetFlags = 0x8914;  // SIOCSIFFLAGS, <linux/sockios.h>

}  // namespace

void bring_loopback_up() {
  // Any socket will do (net/core/dev_ioctl.c), also where the kernel has no IPv4.
  const sys::Fd socket = check(sys::local_socket(), "socket", "lo");
  InterfaceFlags request;
  const auto done = sys::ioctl(socket.get(), kSetFlags, &request);
  if (!(done.error() == EPERM)) check(done, "bring up", "lo");
}

}  // namespace nsrun
