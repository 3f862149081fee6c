// Tests nsrun as a job of a shell at which a person types: Ctrl-Z, fg, bg. And a shell inside.
#include <signal.h>

#include <algorithm>

#include "tests/support/nsrun.h"
#include "tests/support/typed_terminal.h"

namespace {

using std::chrono_literals::operator""s;
using test::contains;
using test::TypedTerminal;

constexpr int kOrdinaryUser = 65534;

bool is_in_state(pid_t pid, char state) {
  const std::string stat = test::read_file("/proc/" + std::to_string(pid) + "/stat");
  return contains(stat, std::string(") ") + state + " ");
}

class NsrunJobControlTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  // Returns an interactive shell outside of the container, with job control, at a terminal.
  static TypedTerminal outer_shell(int uid = 0) {
    return TypedTerminal({"/bin/busybox", "env", "PS1=outer$ ", "/bin/busybox", "sh", "-i"}, uid);
  }
  // Returns a command line of nsrun.
  [[nodiscard]] std::string line(const std::string& options, const std::string& command) const {
    return nsrun_ + " --rootfs " + root_.path() + " --env PATH=/bin --env 'PS1=in''ner$ ' " +
           options + " -- " + command;
  }
  // Waits until all processes of the container have this state ("S", "T"). They must all be running
  // "sleep 1000" by then.
  [[nodiscard]] bool all_are(char state) const {
    return test::eventually(20s, [&] {
      const std::vector<pid_t> all = test::processes_of(root_.file("bin/busybox"));
      return std::all_of(all.begin(), all.end(),
                         [&](pid_t pid) { return is_in_state(pid, state); });
    });
  }
};

const std::string kSleep = "/bin/sh -c 'echo up$((1+1)); exec /bin/sleep 1000'";

TEST_F(NsrunJobControlTest, CtrlZStopsTheCommandAndFgContinuesIt) {
  for (const int uid : {0, kOrdinaryUser}) {
    for (const char* options :
         {"", "--init", "--share-pid --share-user", "--share-pid --share-user --init"}) {
      if (uid != 0 && contains(options, "--share-pid")) continue;  // it may not mount /proc then
      SCOPED_TRACE(options);
      TypedTerminal terminal = outer_shell(uid);
      ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
      terminal.type(line(options, kSleep) + "\r");
      ASSERT_TRUE(terminal.shows("up2")) << terminal.screen();
      ASSERT_TRUE(runs_sleep());
      terminal.type("\032");
      ASSERT_TRUE(terminal.shows("Stopped")) << terminal.screen();
      ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
      EXPECT_TRUE(all_are('T'));
      terminal.type("bg\r");
      ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
      EXPECT_TRUE(all_are('S'));
      terminal.type("fg\r");
      ASSERT_TRUE(terminal.shows("sleep 1000")) << terminal.screen();
      ASSERT_TRUE(waits_in_the_foreground(nsrun_, "nsrun"));
      terminal.type("\003");
      ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
      terminal.type("echo status $?\r");
      EXPECT_TRUE(terminal.shows("status 130")) << terminal.screen();
    }
  }
}

// The shell must not print "can't access tty; job control turned off".
TEST_F(NsrunJobControlTest, AnInteractiveShellHasJobControl) {
  for (const int uid : {0, kOrdinaryUser}) {
    for (const char* command : {"/bin/sh", "sh -i", "/bin/busybox sh", "/bin/sh -l"}) {
      SCOPED_TRACE(command);
      TypedTerminal terminal = outer_shell(uid);
      ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
      terminal.type(line("", command) + "\r");
      ASSERT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
      terminal.type("echo in$((1+1))\r");
      ASSERT_TRUE(terminal.shows("in2")) << terminal.screen();
      terminal.type("tty\r");
      EXPECT_TRUE(terminal.shows("/dev/pts/0")) << terminal.screen();
      terminal.type("sleep 100\r");
      EXPECT_TRUE(terminal.shows("sleep 100\r\n")) << terminal.screen();
      ASSERT_TRUE(waits_in_the_foreground(root_.file("bin/busybox"), "sleep"));
      terminal.type("\032");
      EXPECT_TRUE(terminal.shows("Stopped")) << terminal.screen();
      terminal.type("fg\r");
      EXPECT_TRUE(terminal.shows("sleep 100\r\n")) << terminal.screen();
      ASSERT_TRUE(waits_in_the_foreground(root_.file("bin/busybox"), "sleep"));
      terminal.type("\003");
      EXPECT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
      terminal.type("echo status $?\r");
      EXPECT_TRUE(terminal.shows("status 130")) << terminal.screen();
      terminal.type("exit 42\r");
      EXPECT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
      terminal.type("echo status $?\r");
      EXPECT_TRUE(terminal.shows("status 42")) << terminal.screen();
    }
  }
}

// A command that is not an interactive shell finds no name for the caller's terminal in the
// container.
TEST_F(NsrunJobControlTest, OnlyAnInteractiveShellHasATerminal) {
  const std::string commands[] = {line("", "/bin/sh -c tty"), line("", "/bin/sh -ec tty"),
                                  line("", "/bin/tty"), "echo tty | " + line("", "/bin/sh"),
                                  line("--new-session", "/bin/sh") + "\rtty; exit"};
  for (const std::string& command : commands) {
    SCOPED_TRACE(command);
    TypedTerminal terminal = outer_shell();
    ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
    terminal.type(command + "\r");
    EXPECT_TRUE(terminal.shows("not a tty")) << terminal.screen();
  }
}

TEST_F(NsrunJobControlTest, AShellWithoutPseudoterminalsUsesTheCallersTerminal) {
  TypedTerminal terminal = outer_shell();
  ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
  terminal.type(line("--tmpfs /dev", "/bin/sh") + "\r");
  ASSERT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
  terminal.type("exit 7\r");
  ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
  terminal.type("echo status $?\r");
  EXPECT_TRUE(terminal.shows("status 7")) << terminal.screen();
}

// The escapes are those of ssh.
TEST_F(NsrunJobControlTest, EscapesSuspendAndEndATerminal) {
  for (const int uid : {0, kOrdinaryUser}) {
    TypedTerminal terminal = outer_shell(uid);
    ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
    terminal.type(line("", "/bin/sh") + "\r");
    ASSERT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
    terminal.type("echo a~. ~~b\r");
    EXPECT_TRUE(terminal.shows("\na~. ~~b\r\n")) << terminal.screen();
    ASSERT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
    terminal.type("\r~~x\003");
    EXPECT_TRUE(terminal.shows("~x")) << terminal.screen();
    ASSERT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
    terminal.type("\r~");
    terminal.type("\032");
    ASSERT_TRUE(terminal.shows("Stopped")) << terminal.screen();
    ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
    terminal.type("echo out$((1+1))\r");
    EXPECT_TRUE(terminal.shows("out2")) << terminal.screen();
    ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
    terminal.type("fg\r");
    ASSERT_TRUE(terminal.shows("/bin/sh")) << terminal.screen();
    terminal.type("\recho back$((1+1))\r");
    EXPECT_TRUE(terminal.shows("back2")) << terminal.screen();
    ASSERT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
    terminal.type("\r~.");
    ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
    terminal.type("echo status $?\r");
    EXPECT_TRUE(terminal.shows("status 129")) << terminal.screen();
  }
}

// A background process that reads the terminal is stopped.
TEST_F(NsrunJobControlTest, AShellInTheBackgroundIsStopped) {
  TypedTerminal terminal = outer_shell();
  ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
  terminal.type(line("", "/bin/sh") + " &\r");
  ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
  ASSERT_TRUE(test::eventually(test::kHangs, [&] {
    const std::vector<pid_t> all = test::processes_of(nsrun_);
    return std::any_of(all.begin(), all.end(), [](pid_t pid) { return is_in_state(pid, 'T'); });
  }));
  terminal.type("jobs\r");
  EXPECT_TRUE(terminal.shows("Stopped")) << terminal.screen();
  terminal.type("fg\r");
  ASSERT_TRUE(terminal.shows("inner$ ")) << terminal.screen();
  terminal.type("exit 7\r");
  ASSERT_TRUE(terminal.shows("outer$ ")) << terminal.screen();
  terminal.type("echo status $?\r");
  EXPECT_TRUE(terminal.shows("status 7")) << terminal.screen();
}

}  // namespace
