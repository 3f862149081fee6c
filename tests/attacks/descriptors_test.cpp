// The attacker is the command in a container. It looks for fds that nsrun has left open: the write
// end of --info-fd, or a directory of the host.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/nsrun.h"

namespace {

using test::contains;

class DescriptorAttackTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  // Runs the command with the write end of a pipe as fd 5. Returns what the reader got while the
  // command was still running. `ended` tells whether the reader saw the end of file by then.
  static std::string read_while_it_runs(const test::Arguments& command, bool& ended) {
    int info[2];
    int hold[2];
    EXPECT_EQ(0, pipe2(info, O_CLOEXEC));
    EXPECT_EQ(0, pipe2(hold, O_CLOEXEC));
    test::Arguments words = command;
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      dup2(hold[0], 0);
      dup2(info[1], 5);
      execv(argv[0], argv.data());
      _exit(99);
    }
    close(info[1]);
    close(hold[0]);
    std::string text;
    ended = false;
    struct pollfd entry = {info[0], POLLIN, 0};
    while (!ended && poll(&entry, 1, contains(text, "\n") ? 3000 : 20000) > 0) {
      char buffer[1024];
      const ssize_t size = read(info[0], buffer, sizeof buffer);
      ended = size <= 0;
      if (size > 0) text.append(buffer, static_cast<size_t>(size));
    }
    close(hold[1]);
    (void)test::wait_for(child, test::Duration(20000));
    close(info[0]);
    return text;
  }
};

constexpr char kForge[] = "echo forged 2> /dev/null >&5; cat";

TEST_F(DescriptorAttackTest, ControlAnFdReachesAProgramThatIsExecuted) {
  bool ended = true;
  const std::string text = read_while_it_runs({"/bin/sh", "-c", kForge}, ended);
  EXPECT_EQ("forged\n", text);
  EXPECT_FALSE(ended) << "the reader sees no end of file while the command runs";
}

TEST_F(DescriptorAttackTest, TheCommandCannotForgeTheInformation) {
  for (const test::Arguments& options :
       {test::Arguments{}, test::Arguments{"--init"},
        test::Arguments{"--time-offset", "monotonic:0"}, test::Arguments{"--ns", "none"}}) {
    test::Arguments command = {nsrun_, "--info-fd", "5"};
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {"--", "/bin/sh", "-c", kForge});
    bool ended = false;
    const std::string text = read_while_it_runs(command, ended);
    const std::string name = options.empty() ? "by one clone" : options[0];
    EXPECT_TRUE(ended) << name << ": the reader sees the end of file while the command runs";
    EXPECT_EQ(0U, text.find("{\"child-pid\": ")) << name << text;
    EXPECT_FALSE(contains(text, "forged")) << name << text;
  }
}

// Attacks with --chdir after --join, where /proc/self/fd/7 is a directory of the host.
class JoinedDirectoryAttackTest : public DescriptorAttackTest {
 protected:
  JoinedDirectoryAttackTest() {
    test::write_file(host_.file("secret"), "secret\n");
    chmod(host_.path().c_str(), 0755);
  }
  void open_host() const { dup2(open(host_.path().c_str(), O_RDONLY | O_DIRECTORY), 7); }

  test::TemporaryDirectory host_;
};

TEST_F(JoinedDirectoryAttackTest, ControlAnFdLeadsOutOfAMountNamespace) {
  const test::Sleeper sleeper(CLONE_NEWNS);
  open_host();
  test::run_in_namespaces_of(sleeper.pid(), [] {
    if (chdir("/proc/self/fd/7") != 0 || access("secret", R_OK) != 0) _exit(1);
  });
  close(7);
}

TEST_F(JoinedDirectoryAttackTest, JoinRefusesADirectoryThatIsOutside) {
  const test::Sleeper sleeper(CLONE_NEWNS);
  for (const std::string& target :
       {std::to_string(sleeper.pid()), "mnt:" + sleeper.namespace_path("mnt")}) {
    const test::Outcome outcome =
        test::run_command({nsrun_, "--join", target, "--keep-fds", "--chdir", "/proc/self/fd/7",
                           "--", "/bin/cat", "secret"},
                          {.before_exec = [&] { open_host(); }});
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
    EXPECT_EQ("", outcome.out);
    EXPECT_EQ("nsrun: --chdir /proc/self/fd/7: outside of the root\n", outcome.err);
  }
  // A directory inside the root is allowed. Without a joined mount namespace no directory is
  // outside.
  const test::Outcome inside = test::run_command({nsrun_, "--join", std::to_string(sleeper.pid()),
                                                  "--chdir", "/tmp", "--", "/bin/sh", "-c", "pwd"});
  EXPECT_EQ("/tmp\n", inside.out) << inside.err;
  const test::Sleeper net(CLONE_NEWNET);
  const test::Outcome shared =
      test::run_command({nsrun_, "--join", std::to_string(net.pid()), "--keep-fds", "--chdir",
                         "/proc/self/fd/7", "--", "/bin/cat", "secret"},
                        {.before_exec = [&] { open_host(); }});
  EXPECT_EQ("secret\n", shared.out) << shared.err;
}

// The target has left its root for another one, and its working directory is still in the old one.
TEST_F(JoinedDirectoryAttackTest, JoinWdRefusesATargetsDirectoryThatIsOutside) {
  const test::TemporaryDirectory root;
  int told[2];
  ASSERT_EQ(0, pipe2(told, O_CLOEXEC));
  const pid_t target = fork();
  if (target == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char* const path = root.path().c_str();
    const int outside = open(host_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ready = unshare(CLONE_NEWNS) == 0 &&
                       mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       mount("/", path, nullptr, MS_BIND | MS_REC, nullptr) == 0 &&
                       chdir(path) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
                       umount2(".", MNT_DETACH) == 0 && fchdir(outside) == 0;
    if (ready) (void)!write(told[1], "", 1);
    for (;;) pause();
  }
  char byte = 0;
  EXPECT_EQ(1, read(told[0], &byte, 1));
  const test::Outcome outcome =
      test::run_command({nsrun_, "--join", std::to_string(target), "--join-wd", "--", "/bin/ls"});
  EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
  EXPECT_EQ("", outcome.out);
  EXPECT_EQ("nsrun: --join-wd: outside of the root\n", outcome.err);
  kill(target, SIGKILL);
  (void)test::wait_for(target);
  close(told[0]);
  close(told[1]);
}

}  // namespace
