// The attacker is root of a container with the host's user ids (kuid 0) and the 14 capabilities
// that Docker gives. It sees the host's processes (--pid host) but has no CAP_SYS_PTRACE, so it
// cannot look into them. A user namespace that the host's root creates belongs to kuid 0, and its
// owner has all capabilities in it. So while a process in it is dumpable, /proc/PID/root leads to
// the host's files.
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/sealing.h"
#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::Message;
using test::Parent;
using test::Pids;
using test::Sealing;
using test::SupervisedCall;
using test::Supervisor;
using test::Verdict;
using std::chrono_literals::operator""s;

constexpr uint64_t bit(int capability) { return uint64_t{1} << capability; }

// The capabilities that Docker gives to root in a container.
constexpr uint64_t kOfDocker = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) |
                               bit(CAP_FSETID) | bit(CAP_KILL) | bit(CAP_SETGID) | bit(CAP_SETUID) |
                               bit(CAP_SETPCAP) | bit(CAP_NET_BIND_SERVICE) | bit(CAP_NET_RAW) |
                               bit(CAP_SYS_CHROOT) | bit(CAP_MKNOD) | bit(CAP_AUDIT_WRITE) |
                               bit(CAP_SETFCAP);

void keep_capabilities(uint64_t kept) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    data[half].effective = data[half].permitted = static_cast<uint32_t>(kept >> (32 * half));
  }
  if (syscall(SYS_capset, &header, data) != 0) _exit(90);
}

// Returns whether the attacker reaches the files that a process sees.
bool looks_into(pid_t pid) {
  const pid_t attacker = fork();
  if (attacker == 0) {
    keep_capabilities(kOfDocker);
    const std::string root = "/proc/" + std::to_string(pid) + "/root/proc/self";
    _exit(open(root.c_str(), O_PATH | O_NOFOLLOW) >= 0 ? 7 : 0);
  }
  return test::wait_for(attacker).exited_with(7);
}

struct Start {
  std::string program;
  std::string message;
  test::Environment environment;
};

// Attacks each process of a start before each system call, as soon as the process is in a new user
// namespace. Returns how often the attack worked. Without `with_defence`, PR_SET_DUMPABLE has no
// effect.
int times_looked_into(const Start& start, bool with_defence, int* tried = nullptr) {
  std::map<int, bool> inside;  // by the number of the process
  int seen = 0;
  bool over = false;
  Supervisor supervisor([&](const SupervisedCall& call) {
    if (call.number == SYS_prctl && call.arguments[0] == PR_SET_DUMPABLE && !with_defence) {
      return Verdict{Verdict::kFail, 0};
    }
    // Stage 2 becomes dumpable again right before the program's entry point. From then on the
    // program may be looked into.
    const bool shows = call.number == SYS_prctl && call.arguments[0] == PR_SET_DUMPABLE &&
                       call.arguments[1] == 1 && call.process == 2;
    if (shows) over = true;
    if (over && call.process == 2) {
      // Only these calls are left: stage 2 reports to stage 0 and releases the stub's resources.
      EXPECT_TRUE(shows || call.number == SYS_sendto || call.number == SYS_close ||
                  call.number == SYS_rt_sigprocmask || call.number == SYS_exit_group)
          << test::name_of(call);
      return Verdict{};
    }
    // A process that is inside creates the next one inside.
    if (inside[call.process] || (call.process != 0 && inside[call.process - 1])) {
      inside[call.process] = true;
      if (tried != nullptr) ++*tried;
      if (looks_into(call.pid)) ++seen;
    }
    if (call.number == SYS_unshare && (call.arguments[0] & CLONE_NEWUSER) != 0) {
      inside[call.process] = true;
    }
    return Verdict{};
  });
  Parent parent(start.program);
  parent.environment = start.environment;
  parent.before_exec = [&] { supervisor.install(); };
  parent.run(start.message);
  (void)supervisor.finish();
  return seen;
}

Message user_namespace(const std::string& map = "0 0 4294967295\n") {
  return Message()
      .flags(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)
      .text(Attribute::kUidMap, map)
      .text(Attribute::kGidMap, map);
}

class DumpableTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  std::string copy(const std::vector<Sealing>& order) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, order);
    return binary_;
  }
  // Returns the dumpable flag that the program finds when it starts.
  std::string dumpable_at_the_end(const Message& message, const Supervisor::Decide& decide = {}) {
    Parent parent(copy({Sealing::kNone}));
    parent.with_report = true;
    std::optional<Supervisor> supervisor;
    if (decide) {
      supervisor.emplace(decide);
      parent.before_exec = [&] { supervisor->install(); };
    }
    const Pids pids = parent.run(message.bytes());
    const std::string dumpable = parent.read_report()["dumpable"];
    parent.finish_probe();
    EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
    return dumpable;
  }

  const test::TemporaryDirectory directory_;
  std::string binary_ = directory_.file("binary");
};

TEST_F(DumpableTest, NoContainerLooksIntoStagesThatMakeAUserNamespace) {
  const Start start = {copy({Sealing::kNone}), user_namespace().bytes(), {}};
  int tried = 0;
  EXPECT_EQ(0, times_looked_into(start, true, &tried));
  EXPECT_LT(10, tried);
  EXPECT_LT(0, times_looked_into(start, false)) << "the control: the attack works";
}

TEST_F(DumpableTest, NoContainerLooksIntoStagesThatJoinAndMakeAUserNamespace) {
  const test::Sleeper sleeper(CLONE_NEWNET);
  const Start start = {copy({Sealing::kNone}),
                       user_namespace()
                           .text(Attribute::kNamespacePaths, "net:" + sleeper.namespace_path("net"))
                           .bytes(),
                       {}};
  EXPECT_EQ(0, times_looked_into(start, true));
  EXPECT_LT(0, times_looked_into(start, false)) << "the control: the attack works";
}

TEST_F(DumpableTest, NoContainerLooksIntoTheChildThatSeals) {
  REQUIRE_MOUNT_SETATTR();
  const Start start = {copy({Sealing::kChildMount}), Message().flags(CLONE_NEWUTS).bytes(), {}};
  int tried = 0;
  EXPECT_EQ(0, times_looked_into(start, true, &tried));
  EXPECT_LT(3, tried);
  EXPECT_LT(0, times_looked_into(start, false)) << "the control: the attack works";
}

TEST_F(DumpableTest, TheProgramIsAsDumpableAsTheStubWasAtItsStart) {
  EXPECT_EQ("1", dumpable_at_the_end(Message()));
  EXPECT_EQ("1", dumpable_at_the_end(user_namespace()));
  // PR_GET_DUMPABLE returns 0, as in a program that started not dumpable, like nsrun.
  EXPECT_EQ("0", dumpable_at_the_end(user_namespace(), [](const SupervisedCall& call) {
              const bool asks = call.number == SYS_prctl && call.arguments[0] == PR_GET_DUMPABLE;
              return call.process == 0 && asks ? Verdict{Verdict::kFail, 0} : Verdict{};
            }));
}

// When the ids change, the kernel itself makes the process not dumpable (commit_creds), and the
// stub does not undo that.
TEST_F(DumpableTest, TheProgramIsNotMadeDumpableIfItsIdsHaveChanged) {
  if (test::read_file("/proc/sys/fs/suid_dumpable")[0] != '0') {
    GTEST_SKIP() << "fs.suid_dumpable is not 0";
  }
  EXPECT_EQ("0", dumpable_at_the_end(user_namespace("0 100000 65536\n")));
}

// With 1 in /proc/sys/fs/suid_dumpable a process becomes dumpable whenever its ids change.
class SuidDumpable {
 public:
  SuidDumpable() { test::write_file(kFile, "1"); }
  ~SuidDumpable() { test::write_file(kFile, before_); }
  SuidDumpable(const SuidDumpable&) = delete;
  SuidDumpable& operator=(const SuidDumpable&) = delete;

 private:
  static constexpr const char* kFile = "/proc/sys/fs/suid_dumpable";
  std::string before_ = test::read_file(kFile);
};

TEST_F(DumpableTest, AChangeOfIdsDoesNotMakeAStageDumpableAgain) {
  const SuidDumpable one;
  const Message message = user_namespace("0 100000 65536\n");
  EXPECT_EQ("0", dumpable_at_the_end(message));
  EXPECT_EQ("1", dumpable_at_the_end(
                     message,
                     [](const SupervisedCall& call) {
                       const bool sets =
                           call.number == SYS_prctl && call.arguments[0] == PR_SET_DUMPABLE;
                       return sets && call.process != 0 ? Verdict{Verdict::kFail, 0} : Verdict{};
                     }))
      << "the control: prctl without effect";
}

}  // namespace
