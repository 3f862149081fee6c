// The attacker is root of a container with the host's user ids (kuid 0) and without any capability.
// It keeps an fd of /proc/PID/exe of its init, and takes a write lease on it (fcntl(2), F_SETLEASE)
// when that process has ended. Another process that opens the host's runtime, to start another
// container, then waits up to /proc/sys/fs/lease-break-time (45 seconds).
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/sealing.h"
#include "tests/support/support.h"

namespace {

using sys::Fd;
using test::built;
using test::Message;
using test::Parent;
using test::Pids;
using test::Sealing;

class LeaseTest : public testing::TestWithParam<Sealing> {};

// The lease that the attacker gets.
enum class Lease { kRefused, kOnACopy, kOnTheHostsFile };

Lease lease_on(Sealing sealing) {
  const test::TemporaryDirectory directory(
      sealing == Sealing::kReflink ? test::directory_with_reflinks() : "/tmp");
  const test::TemporaryDirectory state;
  const std::string binary = directory.file("binary");
  test::copy_program_sealed_by(built("tests/probe"), binary, {sealing});
  Parent parent(binary);
  parent.environment["_LIBCONTAINER_STATEDIR"] = state.path();
  parent.with_report = true;
  const Pids pids = parent.run(Message().flags(CLONE_NEWNS).bytes());
  (void)parent.read_report();
  int ready[2];
  int done[2];
  EXPECT_EQ(0, pipe2(ready, O_CLOEXEC));
  EXPECT_EQ(0, pipe2(done, O_CLOEXEC));
  const pid_t attacker = fork();
  if (attacker == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGIO, SIG_IGN);
    const std::string exe = "/proc/" + std::to_string(pids.stage2) + "/exe";
    const Fd kept(open(exe.c_str(), O_RDONLY | O_CLOEXEC));
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none) != 0) _exit(90);
    kill(pids.stage2, SIGKILL);
    // The kernel gives the lease as soon as no other process has the file open.
    char held = 'n';
    test::eventually(test::kHangs, [&] {
      if (fcntl(kept.get(), F_SETLEASE, F_WRLCK) == 0) held = 'y';
      return held == 'y' || errno != EAGAIN;
    });
    close(done[1]);
    (void)!write(ready[1], &held, 1);
    (void)!read(done[0], &held, 1);
    _exit(0);
  }
  close(done[0]);
  char held = 0;
  EXPECT_EQ(1, read(ready[0], &held, 1));
  // Opens the file as execve does, but without waiting.
  const Fd start(open(binary.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const bool blocks = !start.is_open() && errno == EWOULDBLOCK;
  EXPECT_TRUE(start.is_open() || blocks);
  close(done[1]);
  EXPECT_TRUE(test::wait_for(attacker).exited_with(0));
  (void)test::wait_for(pids.stage2);
  for (const int fd : {ready[0], ready[1]}) close(fd);
  if (held != 'y') return Lease::kRefused;
  return blocks ? Lease::kOnTheHostsFile : Lease::kOnACopy;
}

// docs/sealing.md lists these strategies.
bool is_immune(Sealing sealing) {
  return sealing != Sealing::kDetachedMount && sealing != Sealing::kChildMount &&
         sealing != Sealing::kBindMount;
}

TEST_P(LeaseTest, BlocksTheNextStartOnlyIfTheHostsFileIsExecuted) {
  REQUIRE_ROOT();
  if (GetParam() == Sealing::kReflink) REQUIRE_REFLINKS(test::directory_with_reflinks());
  if (test::read_file("/proc/sys/fs/leases-enable") != "1\n") GTEST_SKIP() << "leases are off";
  const Lease lease = lease_on(GetParam());
  if (is_immune(GetParam())) {
    EXPECT_NE(Lease::kOnTheHostsFile, lease);
  } else {
    EXPECT_EQ(Lease::kOnTheHostsFile, lease) << "the attack works, which is also the control";
  }
}

INSTANTIATE_TEST_SUITE_P(All, LeaseTest, testing::ValuesIn([] {
                           std::vector<Sealing> all = test::available();
                           all.push_back(Sealing::kReflink);
                           return all;
                         }()),
                         [](const auto& each) { return test::name_of(each.param); });

// Leases can be switched off for the whole host.
TEST(LeaseSwitch, NoStrategyIsOpenToTheAttackIfLeasesAreOff) {
  REQUIRE_ROOT();
  const std::string file = "/proc/sys/fs/leases-enable";
  const std::string before = test::read_file(file);
  test::write_file(file, "0");
  const Lease lease = lease_on(test::available().front());
  test::write_file(file, before);
  EXPECT_EQ(Lease::kRefused, lease);
}

}  // namespace
