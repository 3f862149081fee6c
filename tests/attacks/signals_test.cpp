// The attack here is a matter of timing: a signal arrives while nsrun sets the container up. The
// kernel drops a signal for the first process of a pid namespace if its action is the default one,
// and does not report that.
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/supervisor.h"

namespace {

using std::chrono_literals::operator""s;

constexpr int kSignals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

class SignalAttackTest : public test::NsrunTest {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    test::write_file(root_.file("tool.status"), "hang");
  }
  // The ways to start, each with `more`: by one clone, with the stub's stages, and with a seal that
  // executes nsrun a second time.
  static std::vector<test::Arguments> ways(const std::string& more) {
    return {{more}, {more, "--time-offset=monotonic:0"}, {more, "--seal", "memfd"}};
  }
  // Starts nsrun with the tool, which hangs. `decide` sees every system call first.
  test::Status run(const test::Arguments& options, const test::Supervisor::Decide& decide) {
    test::Supervisor supervisor(decide);
    test::Arguments words = {nsrun_};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", root_.file("tool")});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      for (const int signal : kSignals) ::signal(signal, SIG_DFL);
      supervisor.install();
      execv(argv[0], argv.data());
      _exit(99);
    }
    const test::Status status = test::wait_for(child, 20s);
    kill(child, SIGKILL);
    if (!status.ended) (void)test::wait_for(child);
    for (const pid_t pid : test::processes_of(root_.file("tool"))) kill(pid, SIGKILL);
    return status;
  }
  // Returns whether this is the call in which the tool hangs: ppoll without fds.
  static bool is_hanging(const test::SupervisedCall& call) {
    return call.number == arch::kPpoll && call.arguments[1] == 0;
  }
};

// The control: what happens to a signal that the first process of a pid namespace has not blocked.
TEST_F(SignalAttackTest, ControlTheKernelDropsASignalOfAFirstProcess) {
  int ready[2];
  int go[2];
  ASSERT_EQ(0, pipe(ready));
  ASSERT_EQ(0, pipe(go));
  const pid_t maker = fork();
  if (maker == 0) {
    if (unshare(CLONE_NEWPID) != 0) _exit(1);
    const pid_t first = fork();
    if (first == 0) {
      signal(SIGTERM, SIG_DFL);
      char byte = 0;
      (void)!write(ready[1], "", 1);
      _exit(read(go[0], &byte, 1) == 1 ? 7 : 8);
    }
    char byte = 0;
    (void)!read(ready[0], &byte, 1);
    kill(first, SIGTERM);
    (void)!write(go[1], "", 1);
    int status = 0;
    waitpid(first, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 9);
  }
  EXPECT_TRUE(test::wait_for(maker).exited_with(7))
      << "the process did not survive: the signal was not dropped";
  for (const int fd : {ready[0], ready[1], go[0], go[1]}) close(fd);
}

// Sends a signal before each system call of nsrun and its children until COMMAND runs. Each system
// call gets its own start.
TEST_F(SignalAttackTest, NoSignalIsLostWhileTheContainerIsSetUp) {
  const int step = test::is_emulated() ? 7 : 1;
  for (const char* more : {"--init", "--share-pid", "--no-new-privs"}) {
    for (const test::Arguments& options : ways(more)) {
      bool runs = false;
      int lost = 0;
      int count = 0;
      for (; !runs; count += step) {
        const int signal = kSignals[static_cast<size_t>(count / step) % 4];
        int seen = 0;
        pid_t nsrun = 0;
        const test::Status status = run(options, [&](const test::SupervisedCall& call) {
          if (call.process == 0) nsrun = call.pid;
          if (is_hanging(call)) runs = true;
          if (seen++ == count || (runs && seen <= count)) kill(nsrun, signal);
          return test::Verdict{};
        });
        const bool ended = status.exited_with(128 + signal) || status.killed_by(signal);
        if (!ended) ++lost;
        EXPECT_TRUE(ended) << more << ", way " << options.size() << ", before call " << count
                           << ": " << status;
        ASSERT_LT(count, 1000);
      }
      EXPECT_EQ(0, lost) << more << " of " << count;
    }
  }
}

// Without --init COMMAND is the first process itself. The signal goes directly to that process,
// before each of its calls until it last checks for pending signals.
TEST_F(SignalAttackTest, AFirstProcessWithoutInitLosesNoSignalBeforeItsCommand) {
  const struct {
    test::Arguments options;
    int process;  // 1: the container's process beside nsrun; 3: stage 2 beside nsrun and stages 0
                  // and 1
  } ways[] = {{{}, 1}, {{"--time-offset", "monotonic:0"}, 3}};
  for (const auto& way : ways) {
    test::Arguments options = way.options;
    // Without mount_setattr a child makes the seal, and the processes would have other numbers.
    if (!test::has_mount_setattr()) options.insert(options.begin(), "--seal=none");
    bool last = false;
    int count = 0;
    for (; !last; ++count) {
      const int signal = kSignals[count % 4];
      bool came = false;
      const test::Status status = run(options, [&](const test::SupervisedCall& call) {
        if (call.process != way.process) return test::Verdict{};
        if (call.index == count) {
          kill(call.pid, signal);
          came = true;
        }
        if (call.number == arch::kRtSigtimedwait && call.index >= count) {
          last = last || call.index == count;
        }
        return test::Verdict{};
      });
      ASSERT_TRUE(came) << count;
      EXPECT_TRUE(status.exited_with(128 + signal))
          << "process " << way.process << ", before its call " << count << ": " << status;
      ASSERT_LT(count, 300);
      if (!status.ended) break;
    }
    EXPECT_LT(3, count);
  }
}

// A signal that the caller ignores or blocks stays so for the command and does not end nsrun.
TEST_F(SignalAttackTest, SignalsThatTheCallerIgnoresEndNothing) {
  for (const test::Arguments& options : {test::Arguments{}, test::Arguments{"--init"},
                                         test::Arguments{"--time-offset", "monotonic:0"}}) {
    test::write_file(root_.file("tool.status"), "6");
    test::Supervisor supervisor([](const test::SupervisedCall& call) {
      if (call.number == SYS_prctl || call.number == SYS_clone || call.number == SYS_clone3) {
        kill(call.pid, SIGHUP);
      }
      return test::Verdict{};
    });
    test::Arguments words = {nsrun_};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", root_.file("tool")});
    const test::Outcome outcome = test::run_command(words, {.before_exec = [&] {
                                                      signal(SIGHUP, SIG_IGN);
                                                      supervisor.install();
                                                    }});
    EXPECT_TRUE(outcome.status.exited_with(6)) << outcome.status << outcome.err;
  }
}

}  // namespace
