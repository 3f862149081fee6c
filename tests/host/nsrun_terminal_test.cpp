// Drives nsrun --tty like a person at a terminal.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "tests/support/nsrun.h"
#include "tests/support/supervisor.h"
#include "tests/support/typed_terminal.h"

namespace {

using test::contains;
using test::TypedTerminal;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class NsrunTerminalTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
  test::Arguments shell(test::Arguments options = {}) {
    options.insert(options.begin(), {nsrun_, "--tty", "--rootfs", root_.path()});
    for (const char* more :
         {"--env", "PATH=/bin:/usr/bin", "--env", "PS1=prompt$ ", "--", "/bin/sh", "-i"})
      options.emplace_back(more);
    return options;
  }
  // Uses a shell like a person does.
  static void use_shell(TypedTerminal& terminal) {
    ASSERT_TRUE(terminal.shows("prompt$ ")) << terminal.screen();
    EXPECT_FALSE(terminal.echoes()) << "nsrun has not made the terminal raw";
    terminal.type("echo a$((1+1))b\r");
    EXPECT_TRUE(terminal.shows("a2b\r\n")) << terminal.screen();
    terminal.type("stty size\r");
    EXPECT_TRUE(terminal.shows("24 80\r\n")) << terminal.screen();
    terminal.resize(50, 132);
    // SIGWINCH arrives before the input that is typed later.
    terminal.type("sleep 0.2; stty size\r");
    EXPECT_TRUE(terminal.shows("50 132\r\n")) << terminal.screen();
    // Ctrl-C ends the foreground program but not the shell, because the shell has job control.
    terminal.type("sh -c 'echo up$((1+1)); exec sleep 100'\r");
    EXPECT_TRUE(terminal.shows("up2\r\n")) << terminal.screen();
    terminal.type("\003");
    EXPECT_TRUE(terminal.shows("prompt$ ")) << terminal.screen();
    terminal.type("echo status $?\r");
    EXPECT_TRUE(terminal.shows("status 130\r\n")) << terminal.screen();
    terminal.type("tty\r");
    EXPECT_TRUE(terminal.shows("/dev/pts/0\r\n")) << terminal.screen();
    terminal.type("exit 42\r");
    EXPECT_TRUE(terminal.wait().exited_with(42));
    EXPECT_TRUE(terminal.echoes()) << "nsrun has not restored the terminal";
  }
};

TEST_F(NsrunTerminalTest, GivesAUsableShell) {
  TypedTerminal terminal(shell());
  use_shell(terminal);
}

TEST_F(NsrunTerminalTest, GivesAUsableShellBehindInit) {
  TypedTerminal terminal(shell({"--init"}));
  use_shell(terminal);
}

TEST_F(NsrunTerminalTest, GivesAnOrdinaryUserAUsableShell) {
  TypedTerminal terminal(shell(), 65534);
  use_shell(terminal);
}

TEST_F(NsrunTerminalTest, GivesAUsableShellToAnotherUserInside) {
  TypedTerminal terminal(shell({"--user", "1000"}));
  use_shell(terminal);
}

// make test-debian makes this root.
TEST_F(NsrunTerminalTest, GivesAUsableShellInDebian) {
  const char* debian = getenv("NSEXEC_DEBIAN");
  if (debian == nullptr)
    GTEST_SKIP() << "there is no debootstrapped root (make test-debian makes one)";
  TypedTerminal terminal({nsrun_, "--tty", "--overlay", debian, "/", "--env", "PS1=prompt$ ", "--",
                          "/bin/bash", "--norc", "--noprofile", "-i"});
  use_shell(terminal);
  TypedTerminal plain({nsrun_, "--tty", "--rootfs", debian, "--", "/bin/bash", "-c",
                       "apt-cache --version && ls /proc/1/exe && exit 3"});
  EXPECT_TRUE(plain.shows("apt ")) << plain.screen();
  EXPECT_TRUE(plain.shows("/proc/1/exe")) << plain.screen();
  EXPECT_TRUE(plain.wait().exited_with(3));
}

TEST_F(NsrunTerminalTest, CopiesInputFromAFileToo) {
  const std::string command = "exec " + nsrun_ + " --tty --rootfs " + root_.path() +
                              " -- /bin/sh -c '/bin/cat; /bin/tty; exit 4' < " +
                              root_.file("input");
  test::write_file(root_.file("input"), "one\ntwo\n");
  const test::Outcome outcome = test::run_command({"/bin/sh", "-c", command});
  EXPECT_TRUE(outcome.status.exited_with(4)) << outcome.status;
  EXPECT_TRUE(contains(outcome.out, "one\r\ntwo\r\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "/dev/pts/0\r\n")) << outcome.out;
}

TEST_F(NsrunTerminalTest, LosesNoOutputIfThereIsMuch) {
  const int lines = test::repetitions(20000);
  const test::Outcome outcome =
      nsrun({"--tty", "--rootfs", root_.path(), "--", "/bin/awk",
             "BEGIN { for (i = 1; i <= " + std::to_string(lines) + "; i++) print i; exit 9 }"});
  EXPECT_TRUE(outcome.status.exited_with(9)) << outcome.status;
  std::string all;
  for (int i = 1; i <= lines; ++i) all += std::to_string(i) + "\r\n";
  EXPECT_EQ(all.size(), outcome.out.size());
  EXPECT_TRUE(all == outcome.out);
}

// If the caller's pipe is non-blocking, so is nsrun's stdout. Data that does not fit must wait.
TEST_F(NsrunTerminalTest, LosesNoOutputIfItsStdoutIsNonBlocking) {
  int pipe_ends[2];
  ASSERT_EQ(0, pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK));
  ASSERT_LE(4096, fcntl(pipe_ends[1], F_SETPIPE_SZ, 4096));
  test::Supervisor supervisor([&](const test::SupervisedCall& call) {
    // Fills the pipe before nsrun has written anything.
    if (call.index == 0 && call.process == 0) {
      const std::string filler(100, '.');
      while (write(pipe_ends[1], filler.data(), filler.size()) > 0) continue;
    }
    return test::Verdict{};
  });
  const pid_t child = fork();
  if (child == 0) {
    dup2(pipe_ends[1], 1);
    supervisor.install();
    execl(nsrun_.c_str(), "nsrun", "--tty", "--", "/bin/busybox", "awk",
          "BEGIN { for (i = 1; i <= 5000; i++) print i; exit 9 }", nullptr);
    _exit(99);
  }
  // The test reads only now and then, so nsrun's writes find the pipe full (EAGAIN).
  std::string all;
  const auto end = std::chrono::steady_clock::now() + 120s;
  test::Status status;
  while (!status.ended && std::chrono::steady_clock::now() < end) {
    status = test::wait_for(child, 20ms);
    char buffer[1024];
    for (ssize_t size = 1; size > 0;) {
      size = read(pipe_ends[0], buffer, sizeof buffer);
      if (size > 0) all.append(buffer, static_cast<size_t>(size));
    }
  }
  EXPECT_TRUE(status.exited_with(9)) << status;
  std::string expected;
  for (int i = 1; i <= 5000; ++i) expected += std::to_string(i) + "\r\n";
  all.erase(0, all.find_first_not_of('.'));
  EXPECT_EQ(expected.size(), all.size());
  EXPECT_TRUE(expected == all);
  for (const int fd : pipe_ends) close(fd);
}

TEST_F(NsrunTerminalTest, DoesNotTakeEmptyNonBlockingInputForTheEnd) {
  test::write_file(root_.file("input"), "one\ntwo\n");
  int refused = 0;
  test::Supervisor supervisor([&](const test::SupervisedCall& call) {
    // Answers as if another process had read the data first.
    if (call.process == 0 && call.number == SYS_read && call.arguments[0] == 0 && refused < 3) {
      ++refused;
      return test::Verdict{test::Verdict::kFail, EAGAIN};
    }
    return test::Verdict{};
  });
  const int input = open(root_.file("input").c_str(), O_RDONLY | O_CLOEXEC);
  const test::Outcome outcome = test::run_command(
      {nsrun_, "--tty", "--rootfs", root_.path(), "--", "/bin/cat"}, {.before_exec = [&] {
        dup2(input, 0);
        supervisor.install();
      }});
  close(input);
  EXPECT_EQ(3, refused);
  EXPECT_TRUE(contains(outcome.out, "one\r\ntwo\r\n")) << outcome.out << outcome.err;
}

TEST_F(NsrunTerminalTest, NamesTheMissingDevice) {
  const test::Outcome outcome =
      nsrun({"--tty", "--rootfs", root_.path(), "--tmpfs", "/dev", "--", "/bin/true"});
  EXPECT_TRUE(outcome.status.exited_with(125));
  EXPECT_EQ("nsrun: --tty /dev/ptmx: ENOENT\n", test::with_bare_errnos(outcome.err));
}

}  // namespace
