// The least work that makes a whole container: one fork into all the namespaces, the id maps,
// nsrun's own file system (the same code) while the network namespace is created, and the command.
// It seals nothing, checks nothing and forwards no signals.
//
//   launch-floor FLAGS[+] ROOTFS|- COMMAND    FLAGS: CLONE_NEW* as a decimal
//
// With "+" the container is the same as nsrun's: its loopback device is up, its bounding set has
// the default capabilities, its session keyring is a new one, and it has no_new_privs.
#include "bench/floor.h"
#include "stub/initial_stack.h"
#include "syscalls/ids.h"
#include "syscalls/keys.h"
#include "syscalls/mount.h"
#include "syscalls/namespaces.h"
#include "syscalls/sockets.h"
#include "syscalls/system.h"
#include "tools/nsrun/container/builder_process.h"
#include "tools/nsrun/container/capabilities.h"
#include "tools/nsrun/container/loopback.h"
#include "tools/nsrun/container/rootfs.h"

namespace {

using sys::Text;

void make_the_same() {
  (void)sys::join_new_session_keyring();
  nsrun::bound_capabilities(nsrun::kDefaultCapabilities);
  nsrun::set_capabilities(nsrun::kDefaultCapabilities, 0);
  (void)sys::prctl(PR_SET_NO_NEW_PRIVS, 1);
}

[[noreturn]] void become(int socket, unsigned flags, bool same, const char* rootfs,
                         const char* const* command) {
  if ((flags & CLONE_NEWUSER) != 0) {
    unsigned char byte = 0;
    (void)sys::read(socket, {&byte, 1});
    (void)sys::setresuid(0, 0, 0);
  }
  const char* const none[] = {nullptr};
  nsrun::Options options;
  options.argv = none;
  options.files.mask = false;
  if (rootfs[0] == '/') options.files.rootfs = rootfs;
  if (rootfs[0] != '/') {
    nsrun::build_file_system(options);
  } else {
    const sys::Pid builder = nsrun::fork_builder(options, nsrun::Shared::kDirectories).value();
    if (builder == 0) {
      nsrun::build_file_system(options);
      sys::exit(0);
    }
    (void)sys::unshare(CLONE_NEWNET);
    if (same) nsrun::bring_loopback_up();
    nsrun::wait_for_builder(builder);
    nsrun::leave_old_root(options);
    (void)sys::sethostname(Text("box"));
  }
  if (same) make_the_same();
  (void)sys::execve(command[0], command, none);
  sys::exit(127);
}

}  // namespace

/// Called by arch/<arch>/program.S.
extern "C" [[noreturn, gnu::used]] void program_main(const unsigned long* initial_stack) {
  const stub::InitialStack stack(initial_stack);
  const char* const* argv = stack.argv();
  const char* cursor = argv[1];
  const auto flags = static_cast<unsigned>(sys::take_decimal(cursor, 0xffffffff).value);
  sys::SocketPair pair;
  (void)pair.open(SOCK_SEQPACKET);
  const bool same = *cursor == '+';
  const unsigned later = argv[2][0] == '/' ? CLONE_NEWNET : 0;
  const sys::Pid child = sys::clone((flags & ~later) | SIGCHLD).value();
  if (child == 0) become(pair.second.get(), flags, same, argv[2], argv + 3);
  if ((flags & CLONE_NEWUSER) != 0) {
    bench::map_ids(child);
    (void)sys::write(pair.first.get(), "m");
  }
  sys::exit(sys::wait(child).value().as_shell());
}
