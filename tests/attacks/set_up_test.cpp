// The attacker is in a container that another runtime has made as Docker does: its root is the
// host's root, it has Docker's capabilities and no user namespace, and it sees the host's
// processes. It wants the host's files through /proc/PID/root of a process with which nsrun sets up
// a container. That process still has the host's mounts, and it is in a user namespace that the
// host's root owns.
//
// The defence is that no such process is dumpable. In the control, PR_SET_DUMPABLE has no effect.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/nsrun.h"
#include "tests/support/supervisor.h"

namespace {

using test::Outcome;
using test::SupervisedCall;
using test::Verdict;

// Docker's default capabilities.
constexpr uint64_t kDockers = 0xa80425fb;

// Returns whether a process that is the host's root with only these capabilities can open the
// host's file through /proc/PID/root.
bool reads_through_root_of(pid_t pid, const std::string& file, uint64_t capabilities) {
  const std::string path = "/proc/" + std::to_string(pid) + "/root" + file;
  const pid_t attacker = fork();
  if (attacker == 0) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    for (int half = 0; half < 2; ++half) {
      const auto bits = static_cast<unsigned>(capabilities >> (32 * half));
      data[half].effective = data[half].permitted = bits;
    }
    if (syscall(SYS_capset, &header, data) != 0) _exit(2);
    _exit(open(path.c_str(), O_RDONLY | O_CLOEXEC) >= 0 ? 1 : 0);
  }
  int status = 0;
  waitpid(attacker, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

class SetUpAttackTest : public test::NsrunTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  // Attacks before each system call of each process but the first, until the command runs. Returns
  // how often the attack worked.
  int times_it_works(test::Arguments options, bool with_defence) {
    const test::TemporaryDirectory host;
    const std::string secret = host.file("secret");
    test::write_file(secret, "of the host");
    int worked = 0;
    int tried = 0;
    test::Supervisor supervisor([&](const SupervisedCall& call) -> Verdict {
      // The command is another program and sees only the container's files.
      const bool is_nsrun =
          test::read_link("/proc/" + std::to_string(call.pid) + "/exe").find("tool") ==
          std::string::npos;
      const bool is_its_turn = !test::is_emulated() || !with_defence || call.index % 11 == 0;
      if (call.process > 0 && is_nsrun && is_its_turn) {
        ++tried;
        if (reads_through_root_of(call.pid, secret, kDockers)) ++worked;
      }
      const bool gives_up = call.number == SYS_prctl && call.arguments[0] == PR_SET_DUMPABLE;
      if (gives_up && !with_defence) return {.what = Verdict::kFail, .error = 0};
      return {};
    });
    options.insert(options.begin(), nsrun_);
    for (const std::string& more : test::Arguments{"--rootfs", root_.path(), "--", "/tool"}) {
      options.push_back(more);
    }
    const Outcome outcome = test::run_command(
        options, {.limit = std::chrono::seconds(60), .before_exec = [&] { supervisor.install(); }});
    supervisor.finish();
    EXPECT_FALSE(outcome.status.exited_with(125)) << outcome.err;
    EXPECT_LT(4, tried) << outcome.status << outcome.err;
    return worked;
  }
};

TEST_F(SetUpAttackTest, NoProcessThatSetsAContainerUpGivesAccessToTheHostsFiles) {
  const test::Arguments ways[] = {
      {},  // by one clone
      {"--init"},
      {"--cap-add", "all"},               // with inner namespaces
      {"--cap-add", "all", "--no-mask"},  // and an outer user namespace
      {"--uid-map", "0:100000:65536", "--gid-map", "0:100000:65536"},
      {"--quiet", "--time-offset", "boottime:5"},  // with the stub's stages
      {"--quiet", "--time-offset", "boottime:5", "--cap-add", "all"},
      {"--cap-add", "all", "--uid-map", "0:100000:65536", "--gid-map", "0:100000:65536"},
      {"--quiet", "--time-offset", "boottime:5", "--cap-add", "all", "--uid-map", "0:100000:65536",
       "--gid-map", "0:100000:65536"},
      {"--quiet", "--time-offset", "boottime:5", "--cap-add", "all", "--no-mask"},
      {"--quiet", "--time-offset", "boottime:5", "--cap-add", "all", "--no-mask", "--uid-map",
       "0:100000:65536", "--gid-map", "0:100000:65536"},
      {"--quiet", "--time-offset", "boottime:5", "--uid-map", "0:100000:65536", "--gid-map",
       "0:100000:65536"},
  };
  for (const test::Arguments& options : ways) {
    std::string said;
    for (const std::string& option : options) said += option + " ";
    EXPECT_EQ(0, times_it_works(options, true)) << said;
    EXPECT_LT(0, times_it_works(options, false)) << "the control: " << said;
  }
}

}  // namespace
