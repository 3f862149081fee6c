// The least work that gives a parent the same result as the stub. It checks nothing, reads no
// message and seals no binary.
//
//   floor FLAGS    FLAGS: CLONE_NEW* as a decimal. The init pipe is fd 3.
//
// With CLONE_NEWUSER each id is mapped to itself.
#include "bench/floor.h"
#include "stub/initial_stack.h"
#include "syscalls/ids.h"
#include "syscalls/namespaces.h"
#include "syscalls/sockets.h"

namespace {

constexpr int kInitPipe = 3;

char receive(int socket) {
  unsigned char byte = 0;
  (void)sys::read(socket, {&byte, 1});
  return static_cast<char>(byte);
}

[[noreturn]] void stage0(int socket, sys::Pid stage1) {
  if (receive(socket) == 'm') {
    bench::map_ids(stage1);
    (void)sys::write(socket, "d");
    (void)receive(socket);
  }
  sys::exit(0);
}

void stage1(int socket, unsigned flags) {
  if ((flags & CLONE_NEWUSER) != 0) {
    (void)sys::unshare(CLONE_NEWUSER);
    (void)sys::write(socket, "m");
    (void)receive(socket);
    (void)sys::setresuid(0, 0, 0);
  }
  flags &= ~unsigned{CLONE_NEWUSER};
  if (flags != 0) (void)sys::unshare(flags);
  const sys::Pid stage2 = sys::clone(CLONE_PARENT | SIGCHLD).value();
  if (stage2 == 0) return;
  sys::ShortString line;
  line << "{\"stage1_pid\":" << sys::getpid() << ",\"stage2_pid\":" << stage2 << "}\n";
  (void)sys::write(kInitPipe, line.text());
  sys::exit(0);
}

void stage2(int socket) {
  (void)sys::setsid();
  (void)sys::setuid(0);
  (void)sys::setgid(0);
  (void)sys::setgroups({});
  (void)sys::write(socket, "r");
}

}  // namespace

/// Called by arch/<arch>/program.S.
extern "C" [[noreturn, gnu::used]] void program_main(const unsigned long* initial_stack) {
  const stub::InitialStack stack(initial_stack);
  const char* cursor = stack.argv()[1];
  const auto flags = static_cast<unsigned>(sys::take_decimal(cursor, 0xffffffff).value);
  sys::SocketPair pair;
  (void)pair.open(SOCK_SEQPACKET);
  const sys::Pid child = sys::clone(CLONE_PARENT | SIGCHLD).value();
  if (child != 0) {
    pair.second.reset();
    stage0(pair.first.get(), child);
  }
  pair.first.reset();
  stage1(pair.second.get(), flags);
  stage2(pair.second.get());
  sys::exit(0);  // here a real program would begin
}
