// Tests how nsrun's container ends: by signals, with its caller, and when its output has no reader.
// Also tests what its init shows and leaves behind.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/nsrun.h"
#include "tests/support/typed_terminal.h"

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using test::Arguments;
using test::contains;
using test::TypedTerminal;

constexpr int kOrdinaryUser = 65534;

class NsrunProcessesTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  // nsrun with these options and a script. The script prints "ready" when signals may be sent.
  class Running {
   public:
    Running(const NsrunProcessesTest& test, Arguments options, const std::string& script,
            int uid = 0) {
      options.insert(options.begin(), {test.nsrun_, "--rootfs", test.root_.path()});
      for (const std::string& more : Arguments{"--env", "PATH=/bin", "--", "/bin/sh", "-c", script})
        options.push_back(more);
      start(options, uid);
    }
    ~Running() {
      if (pid_ > 0) kill(pid_, SIGKILL);
      if (pid_ > 0) waitpid(pid_, nullptr, 0);
      close(output_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Returns whether the script prints this within the time limit.
    [[nodiscard]] bool prints(const std::string& text) {
      const auto end = std::chrono::steady_clock::now() + 20s;
      while (!contains(printed_, text) && std::chrono::steady_clock::now() < end) {
        struct pollfd entry = {output_, POLLIN, 0};
        char buffer[512];
        if (poll(&entry, 1, 100) <= 0) continue;
        const ssize_t size = read(output_, buffer, sizeof buffer);
        if (size <= 0) return false;
        printed_.append(buffer, static_cast<size_t>(size));
      }
      return contains(printed_, text);
    }
    // Closes the reading end of the script's output.
    void close_output() {
      close(output_);
      output_ = -1;
    }
    void signal(int number) const { kill(pid_, number); }
    [[nodiscard]] pid_t pid() const { return pid_; }
    test::Status wait(test::Duration limit = 20s) {
      const test::Status status = test::wait_for(pid_, limit);
      if (status.ended) pid_ = 0;
      return status;
    }
    [[nodiscard]] const std::string& printed() const { return printed_; }

   private:
    void start(const Arguments& command, int uid) {
      int ends[2];
      if (pipe2(ends, O_CLOEXEC) != 0) abort();
      pid_ = fork();
      if (pid_ == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
        if (uid != 0 && (setgid(kOrdinaryUser) != 0 || setuid(kOrdinaryUser) != 0)) _exit(98);
        std::vector<char*> argv;
        for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(99);
      }
      close(ends[1]);
      output_ = ends[0];
    }

    pid_t pid_ = -1;
    int output_ = -1;
    std::string printed_;
  };
};

struct Way {
  Arguments options;
  int uid;
};

// The ways: by one clone, with the stub's stages, and as an ordinary user. Each has the options
// `more`.
std::vector<Way> ways(const Arguments& more = {}) {
  std::vector<Way> all = {{{}, 0}, {{"--time-offset", "monotonic:0"}, 0}, {{}, kOrdinaryUser}};
  for (Way& way : all) way.options.insert(way.options.end(), more.begin(), more.end());
  return all;
}

// The kernel drops these signals for the first process of a pid namespace, so nsrun must end it.
TEST_F(NsrunProcessesTest, ASignalEndsACommandThatHasNoHandler) {
  const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, SIGPIPE, SIGRTMIN + 3};
  for (const Way& way : ways()) {
    for (const int signal : signals) {
      Running running(*this, way.options, "exec sleep 1000", way.uid);
      ASSERT_TRUE(runs_sleep());
      running.signal(signal);
      const test::Status status = running.wait();
      EXPECT_TRUE(status.exited_with(128 + signal)) << signal << ": " << status;
    }
  }
}

TEST_F(NsrunProcessesTest, ASignalThatIsIgnoredByDefaultEndsNothing) {
  for (const Way& way : ways()) {
    Running running(*this, way.options,
                    "echo ready; while :; do read x < /dev/null; sleep 1000; done", way.uid);
    ASSERT_TRUE(running.prints("ready")) << running.printed();
    for (const int signal : {SIGWINCH, SIGURG, SIGCONT, SIGCHLD}) running.signal(signal);
    EXPECT_FALSE(running.wait(300ms).ended);
    running.signal(SIGTERM);
    EXPECT_TRUE(running.wait().exited_with(128 + SIGTERM));
  }
}

TEST_F(NsrunProcessesTest, ACommandThatHandlesOrIgnoresASignalReceivesIt) {
  for (const Way& way : ways()) {
    Running handler(*this, way.options,
                    "trap 'echo got; exit 7' TERM; echo ready; while :; do sleep 0.1; done",
                    way.uid);
    ASSERT_TRUE(handler.prints("ready")) << handler.printed();
    handler.signal(SIGTERM);
    EXPECT_TRUE(handler.prints("got"));
    EXPECT_TRUE(handler.wait().exited_with(7));

    Running ignorer(*this, way.options, "trap '' HUP; exec sleep 1000", way.uid);
    ASSERT_TRUE(runs_sleep());
    ignorer.signal(SIGHUP);
    EXPECT_FALSE(ignorer.wait(300ms).ended);
    ignorer.signal(SIGINT);
    EXPECT_TRUE(ignorer.wait().exited_with(128 + SIGINT));
  }
}

TEST_F(NsrunProcessesTest, ASupervisedContainerIsStoppedByTheSupervisorsSignal) {
  const std::string file = root_.file("containers.conf");
  test::write_file(file, "service once --rootfs " + root_.path() + " -- /bin/sleep 1000\n");
  const pid_t child = fork();
  if (child == 0) {
    execl(nsrun_.c_str(), "nsrun", "--supervise", file.c_str(), nullptr);
    _exit(99);
  }
  ASSERT_TRUE(runs_sleep());
  kill(child, SIGTERM);
  // After 5 seconds the supervisor would send SIGKILL, which would leave the container behind.
  EXPECT_TRUE(test::wait_for(child, 20s).exited_with(1));
  EXPECT_TRUE(test::all_gone(root_.file("bin/busybox")));
}

// Ctrl-C typed at the container's own terminal goes to the foreground process there.
TEST_F(NsrunProcessesTest, CtrlCEndsAFirstProcessOnItsOwnTerminal) {
  for (const Way& way : ways({"--tty"})) {
    for (const char* init : {"--no-new-privs", "--init"}) {
      Arguments command = {nsrun_, "--rootfs", root_.path(), init};
      command.insert(command.end(), way.options.begin(), way.options.end());
      for (const char* word : {"--", "/bin/sh", "-c", "echo up$((1+1)); exec /bin/sleep 1000"})
        command.emplace_back(word);
      TypedTerminal terminal(command, way.uid);
      ASSERT_TRUE(terminal.shows("up2")) << terminal.screen();
      ASSERT_TRUE(runs_sleep());
      terminal.type("\003");
      EXPECT_TRUE(terminal.wait().exited_with(128 + SIGINT));
    }
  }
}

TEST_F(NsrunProcessesTest, CtrlCThatTheTerminalPassesOnAsACharacterEndsNothing) {
  const std::string cat = "echo up$((1+1)); exec /bin/cat -v";
  TypedTerminal raw({nsrun_, "--tty", "--rootfs", root_.path(), "--", "/bin/sh", "-c",
                     "/bin/stty -isig -icanon; " + cat});
  ASSERT_TRUE(raw.shows("up2")) << raw.screen();
  raw.type("\003\003x");
  EXPECT_TRUE(raw.shows("^C^Cx")) << raw.screen();
  // After Ctrl-V the next key is taken as a character.
  TypedTerminal literal({nsrun_, "--tty", "--rootfs", root_.path(), "--", "/bin/sh", "-c", cat});
  ASSERT_TRUE(literal.shows("up2")) << literal.screen();
  literal.type("a\026");
  literal.type("\003b\r");
  EXPECT_TRUE(literal.shows("\na^Cb")) << literal.screen();
  literal.type("\003");
  EXPECT_TRUE(literal.wait().exited_with(128 + SIGINT));
}

// "nsrun --tty -- yes | head".
TEST_F(NsrunProcessesTest, EndsWhenItsTerminalsOutputHasNoReader) {
  struct {
    const char* script;
    int signal;
  } cases[] = {{"exec /bin/busybox yes", SIGPIPE}, {"trap '' PIPE; exec /bin/busybox yes", SIGHUP}};
  for (const auto& expected : cases) {
    for (const Way& way : ways({"--tty"})) {
      for (const char* init : {"--no-new-privs", "--init"}) {
        Arguments options = way.options;
        options.emplace_back(init);
        auto running = std::make_unique<Running>(*this, options, expected.script, way.uid);
        ASSERT_TRUE(running->prints("y\r\ny\r\n")) << running->printed();
        running->close_output();
        const test::Status status = running->wait();
        // With an init the terminal's SIGHUP may come first.
        const bool hung_up = contains(init, "--init") && status.exited_with(128 + SIGHUP);
        // On a second processor yes can see that the terminal has hung up (EIO) before the kernel
        // sends the signal (__tty_hangup).
        const bool saw_it = expected.signal == SIGHUP && status.exited_with(1);
        EXPECT_TRUE(hung_up || saw_it || status.exited_with(128 + expected.signal))
            << init << ": " << status;
      }
    }
  }
}

// If the reader does not read, nsrun must still handle signals.
TEST_F(NsrunProcessesTest, HandlesASignalWhileItsOutputIsFull) {
  Running running(*this, {"--tty"}, "exec /bin/busybox yes");
  ASSERT_TRUE(running.prints("y\r\n"));
  std::this_thread::sleep_for(200ms);  // the pipe fills up
  running.signal(SIGTERM);
  EXPECT_TRUE(test::all_gone(root_.file("bin/busybox")));
}

TEST_F(NsrunProcessesTest, TheInitShowsNothingOfTheCommandLineOrTheEnvironment) {
  const std::string show =
      "cat /proc/1/cmdline /proc/1/environ /proc/1/comm 2> /dev/null | grep -a -c SECRET;"
      " read -r name < /proc/1/cmdline; echo \"$name\"; cat /proc/1/comm";
  for (const Way& way : ways({"--init", "--env", "SECRET=1", "--cap-add", "sys_ptrace"})) {
    EXPECT_EQ("0\nnsrun-init\nnsrun-init\n", inside(show, way.options, way.uid));
  }
}

// The joined container reads the command lines of all processes that it sees, all the time.
TEST_F(NsrunProcessesTest, StagesThatAJoinedContainerSeesDoNotShowThemEither) {
  Running target(*this, {},
                 "echo ready; while :; do cat /proc/[0-9]*/cmdline 2> /dev/null |"
                 " grep -a 'SEC[R]ET' > /dev/null && echo seen; done");
  ASSERT_TRUE(target.prints("ready"));
  const std::string pid = test::children_of(target.pid()).at(0);
  for (int i = 0; i < test::repetitions(50); ++i) {
    const test::Outcome outcome = nsrun(
        {"--join", pid, "--env", "SECRET=1", i % 2 == 0 ? "--init" : "--quiet", "--", "/bin/true"});
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
  }
  target.signal(SIGTERM);
  while (target.prints("seen")) FAIL() << "a stage shows its command line";
}

// A process that starts nsrun from one of its threads.
class CallerProcess {
 public:
  explicit CallerProcess(const Arguments& command) {
    if (pipe2(end_, O_CLOEXEC) != 0) abort();
    child_ = fork();
    if (child_ != 0) return;
    std::thread([&] {
      if (vfork() == 0) {
        std::vector<char*> argv;
        for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(99);
      }
    }).join();
    char byte = 0;
    close(end_[1]);
    (void)!read(end_[0], &byte, 1);
    _exit(0);
  }
  ~CallerProcess() {
    end();
    close(end_[0]);
  }
  CallerProcess(const CallerProcess&) = delete;
  CallerProcess& operator=(const CallerProcess&) = delete;
  void end() {
    if (child_ <= 0) return;
    close(end_[1]);
    waitpid(child_, nullptr, 0);
    child_ = 0;
  }

 private:
  int end_[2] = {-1, -1};
  pid_t child_ = -1;
};

TEST_F(NsrunProcessesTest, EndsWithItsCallersProcessButNotWithItsThread) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  if (pidfd < 0) GTEST_SKIP() << "this kernel has no pidfd_open";
  close(pidfd);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (const Arguments& more :
       {Arguments{}, Arguments{"--init"}, Arguments{"--time-offset", "monotonic:0"},
        Arguments{"--share-pid", "--share-user"}, Arguments{"--tty"}}) {
    Arguments command = {nsrun_, "--die-with-parent", "--rootfs", root_.path()};
    command.insert(command.end(), more.begin(), more.end());
    command.insert(command.end(), {"--", "/bin/sleep", "1000"});
    CallerProcess caller(command);
    EXPECT_TRUE(test::appears(root_.file("bin/busybox")));
    std::this_thread::sleep_for(200ms);
    EXPECT_FALSE(test::processes_of(root_.file("bin/busybox")).empty())
        << "the container ended with the thread";
    caller.end();
    EXPECT_TRUE(test::all_gone(root_.file("bin/busybox"), 20s));
    EXPECT_TRUE(test::all_gone(nsrun_, 20s));
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
  }
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(NsrunProcessesTest, OrphansOfTheCommandGetSigtermFirst) {
  const std::string leave =
      "(trap 'echo asked; exit' TERM; echo > /tmp/set; while :; do sleep 0.1; done) & "
      "while [ ! -e /tmp/set ]; do sleep 0.05; done; exit 3";
  for (const Way& way : ways({"--init", "--grace", "20"})) {
    Running running(*this, way.options, leave, way.uid);
    EXPECT_TRUE(running.prints("asked")) << running.printed();
    EXPECT_TRUE(running.wait().exited_with(3));
  }
  // This also holds without a new pid namespace.
  Running shared(*this, {"--init", "--share-pid", "--share-user", "--grace", "20"}, leave);
  EXPECT_TRUE(shared.prints("asked")) << shared.printed();
  EXPECT_TRUE(shared.wait().exited_with(3));
  EXPECT_TRUE(test::all_gone(root_.file("bin/busybox")));
}

TEST_F(NsrunProcessesTest, OrphansThatDoNotEndAreKilledAfterTheGracePeriod) {
  const std::string leave =
      "(trap '' TERM; echo ready > /tmp/set; exec sleep 1000) & "
      "while [ ! -e /tmp/set ]; do sleep 0.05; done; echo ready; exit 3";
  for (const Arguments& options :
       {Arguments{"--init"}, Arguments{"--init", "--grace", "0"},
        Arguments{"--init", "--grace", "1"}, Arguments{"--init", "--share-pid", "--share-user"}}) {
    Running running(*this, options, leave);
    EXPECT_TRUE(running.wait().exited_with(3));
    EXPECT_TRUE(test::all_gone(root_.file("bin/busybox"), 20s));
  }
  // A signal to nsrun ends the grace period early.
  Running hurried(*this, {"--init", "--grace", "1000"}, leave);
  ASSERT_TRUE(hurried.prints("ready"));
  // Only the orphan is left. The init may not have noticed yet, so that it is told more than once.
  const std::string busybox = root_.file("bin/busybox");
  EXPECT_TRUE(
      test::eventually(test::kHangs, [&] { return test::processes_of(busybox).size() == 1; }));
  test::Status status;
  for (int i = 0; i < 100 && !status.ended; ++i) {
    hurried.signal(SIGTERM);
    status = hurried.wait(300ms);
  }
  EXPECT_TRUE(status.exited_with(3)) << status;
}

TEST_F(NsrunProcessesTest, AnInitWithoutAPidNamespaceReapsOrphansToo) {
  const std::string orphan =
      "(echo orphan; echo > /tmp/said) & (sleep 0.1 &) ; "
      "while [ ! -e /tmp/said ]; do sleep 0.05; done; echo end";
  const Arguments options = {"--init", "--share-pid", "--share-user"};
  EXPECT_EQ("orphan\nend\n", inside(orphan, options));
  // A process whose parent has ended becomes a child of the init.
  EXPECT_EQ("nsrun-init\n",
            inside("(sh -c 'while [ ! -e /tmp/left ]; do sleep 0.05; done; "
                   "read -r x x x parent x < /proc/self/stat; "
                   "cat /proc/$parent/comm; echo > /tmp/said' &); echo > /tmp/left; "
                   "while [ ! -e /tmp/said ]; do sleep 0.05; done",
                   {"--init", "--share-pid", "--share-user", "--bind", "/proc", "/proc"}));
}

}  // namespace
