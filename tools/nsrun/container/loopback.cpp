#include "tools/nsrun/container/loopback.h"

#include "syscalls/file.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

// struct ifreq of <linux/if.h>, with the fields that netdevice(7) reads. The rest only fills its
// size.
struct InterfaceFlags {
  char name[16] = "lo";
  short flags = 1;  // IFF_UP; the kernel keeps the other flags of the device
  char rest[22] = {};
};
static_assert(sizeof(InterfaceFlags) == 40);

constexpr unsigned long kSetFlags = 0x8914;  // SIOCSIFFLAGS, <linux/sockios.h>

}  // namespace

void bring_loopback_up() {
  // Any socket works (net/core/dev_ioctl.c). This one also exists if the kernel has no IPv4.
  const sys::Fd socket = check(sys::local_socket(), "socket", "lo");
  InterfaceFlags request;
  const auto done = sys::ioctl(socket.get(), kSetFlags, &request);
  if (!(done.error() == EPERM)) check(done, "bring up", "lo");
}

}  // namespace nsrun
