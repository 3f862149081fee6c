// The attacker is the command that nsrun runs. It wants things that its caller has and did not mean
// to give: the keys of the caller's session, files that the caller has left open, and the terminal
// that the caller's shell reads.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/supervisor.h"

namespace {

using test::contains;
using test::Outcome;
using test::SupervisedCall;
using test::Verdict;

constexpr int kNobody = 65534;

class LeakAttackTest : public test::NsrunShellTest {
 protected:
  std::string said_;
  LeakAttackTest() { test::copy_program(test::built("tests/attack"), root_.file("attack")); }

  Outcome run(test::Arguments options, const test::Arguments& command,
              const std::function<void()>& before_exec, int uid = 0) {
    options.insert(options.begin(), nsrun_);
    options.emplace_back("--");
    options.insert(options.end(), command.begin(), command.end());
    return test::run_command(options, {.uid = uid, .before_exec = before_exec});
  }
};

// ---- Keys ----

constexpr char kKey[] = "nsrun-attack";
constexpr char kPayload[] = "the caller's secret";

// Creates a session keyring with a key of the caller in it.
void have_a_key() {
  constexpr int kJoinSessionKeyring = 1;
  constexpr int kSetPermissions = 5;
  constexpr int kSessionKeyring = -3;
  if (syscall(SYS_keyctl, kJoinSessionKeyring, nullptr) < 0) _exit(90);
  const long key = syscall(SYS_add_key, "user", kKey, kPayload, strlen(kPayload), kSessionKeyring);
  if (key < 0 || syscall(SYS_keyctl, kSetPermissions, key, 0x3f3f3f3f) != 0) _exit(91);
}

bool has_keys() { return syscall(SYS_keyctl, 0, -3, 0) >= 0 || errno != ENOSYS; }

TEST_F(LeakAttackTest, TheCommandDoesNotGetTheCallersKeys) {
  if (!has_keys()) GTEST_SKIP() << "this kernel has no keys";
  for (int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    const test::Arguments read_key = {"/attack", "key", kKey};
    const test::Arguments root = {"--rootfs", root_.path()};
    test::Arguments kept = root;
    kept.emplace_back("--keep-keyring");
    EXPECT_FALSE(contains(run(root, read_key, have_a_key, uid).out, kPayload));
    EXPECT_FALSE(
        contains(run({}, {root_.file("attack"), "key", kKey}, have_a_key, uid).out, kPayload));
    EXPECT_TRUE(contains(run(kept, read_key, have_a_key, uid).out, kPayload)) << "the control";
  }
}

TEST_F(LeakAttackTest, ACommandThatJoinsDoesNotGetTheCallersKeys) {
  REQUIRE_ROOT();
  if (!has_keys()) GTEST_SKIP() << "this kernel has no keys";
  const test::Sleeper container(CLONE_NEWNS | CLONE_NEWPID);
  const test::Arguments read_key = {root_.file("attack"), "key", kKey};
  const std::string pid = std::to_string(container.pid());
  EXPECT_FALSE(contains(run({"--join", pid}, read_key, have_a_key).out, kPayload));
  EXPECT_TRUE(contains(run({"--join", pid, "--keep-keyring"}, read_key, have_a_key).out, kPayload))
      << "the control";
}

// ---- Open files ----

void leave_the_root_open() {
  const int root = open("/", O_RDONLY | O_DIRECTORY);
  if (root < 0 || dup2(root, 7) < 0 || dup2(root, 1000) < 0) _exit(90);
}

TEST_F(LeakAttackTest, FilesThatTheCallerHasLeftOpenAreClosed) {
  for (int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    const auto works = [&](test::Arguments options) {
      options.insert(options.begin(), {"--rootfs", root_.path(), "--env", "PATH=/bin"});
      return contains(run(options,
                          {"/bin/sh", "-c",
                           "for fd in 7 1000; do ls /proc/self/fd/$fd/proc/1/ && echo OUT; done"},
                          leave_the_root_open, uid)
                          .out,
                      "OUT");
    };
    EXPECT_FALSE(works({}));
    EXPECT_FALSE(works({"--init"}));
    EXPECT_FALSE(works({"--tty"}));
    EXPECT_TRUE(works({"--keep-fds"})) << "the control";
  }
}

// The kernel looks COMMAND up before it closes the fds with close-on-exec. A symlink in the root
// that goes through an open directory would lead to a program of the host, and COMMAND could then
// overwrite that program through /proc/self/exe.
TEST_F(LeakAttackTest, NoCommandIsFoundThroughAnOpenDescriptor) {
  const test::TemporaryDirectory host;
  chmod(host.path().c_str(), 0755);
  test::copy_program("/bin/busybox", host.file("busybox"));
  const test::TemporaryDirectory state;
  const std::string pid_file = state.file("pid");
  mkdir(root_.file("out").c_str(), 0755);
  // The program is tried as the command itself and as the interpreter of a script.
  for (int fd = 3; fd < 12; ++fd) {
    const std::string number = std::to_string(fd);
    const std::string way =
        "/proc/self/fd/" + number + "/../../../../../../../.." + host.file("busybox");
    mkdir(root_.file("out/" + number).c_str(), 0755);
    ASSERT_EQ(0, symlink(way.c_str(), root_.file("out/" + number + "/sh").c_str()));
    test::write_file(root_.file("out/" + number + "/script"), "#!" + way + " sh\necho OUT\n", 0755);
  }
  const auto leaves = [&](test::Arguments options, bool with_caller) {
    bool left = false;
    for (int fd = 3; fd < 12; ++fd) {
      for (const char* name : {"/sh", "/script"}) {
        test::Arguments words = {"--rootfs", root_.path()};
        words.insert(words.end(), options.begin(), options.end());
        const std::string command = "/out/" + std::to_string(fd) + name;
        const Outcome outcome = run(words, {command, "-c", "echo OUT"}, [&] {
          close_range(3, 1000, 0);  // fds that other tests have left open
          if (with_caller) leave_the_root_open();
        });
        if (contains(outcome.out, "OUT")) said_ += command + " ";
        left = left || contains(outcome.out, "OUT");
        unlink(pid_file.c_str());
      }
    }
    return left;
  };
  EXPECT_FALSE(leaves({}, true)) << "through the caller's fd";
  EXPECT_FALSE(leaves({"--init"}, true));
  if (test::is_root()) {
    EXPECT_FALSE(leaves({"--pid-file", pid_file}, false)) << "through nsrun's own fd";
    EXPECT_FALSE(leaves({"--pid-file", pid_file, "--verbose", "--cap-add", "all"}, false));
    EXPECT_FALSE(leaves({"--pid-file", pid_file, "--keep-fds"}, false)) << said_;
  }
  EXPECT_TRUE(leaves({"--keep-fds"}, true)) << "the control";
}

// Tries to change the mode of the host's null device through a standard stream. The container's
// root may be the host's root.
TEST_F(LeakAttackTest, TheCommandCannotChangeTheHostsNullDevice) {
  REQUIRE_ROOT();
  REQUIRE_MOUNT_SETATTR();
  // The device has mode 666 already, so the control changes nothing.
  const test::Arguments change = {
      "/bin/sh", "-c", "for i in 0 2; do /bin/chmod 666 /proc/self/fd/$i && echo OUT; done"};
  (void)!symlink("busybox", root_.file("bin/chmod").c_str());
  const auto works = [&](test::Arguments options, bool closed) {
    return contains(run(options, change,
                        [&] {
                          const int null = open("/dev/null", O_RDWR);
                          dup2(null, 0);
                          dup2(null, 2);
                          close(null);
                          if (closed) close(0);
                        })
                        .out,
                    "OUT");
  };
  EXPECT_FALSE(works({"--rootfs", root_.path()}, false));
  EXPECT_FALSE(works({"--rootfs", root_.path()}, true)) << "nsrun opens the null device";
  EXPECT_FALSE(works({"--rootfs", root_.path(), "--cap-add", "all", "--init"}, false));
  EXPECT_TRUE(works({}, false)) << "the control";
}

TEST_F(LeakAttackTest, FilesThatTheCallerHasLeftOpenAreClosedForACommandThatJoins) {
  REQUIRE_ROOT();
  const test::Sleeper container(CLONE_NEWNS | CLONE_NEWPID);
  const std::string pid = std::to_string(container.pid());
  const test::Arguments script = {"/bin/sh", "-c", "test -e /proc/self/fd/7 && echo OUT"};
  EXPECT_FALSE(contains(run({"--join", pid}, script, leave_the_root_open).out, "OUT"));
  EXPECT_TRUE(contains(run({"--join", pid, "--keep-fds"}, script, leave_the_root_open).out, "OUT"))
      << "the control";
}

// ---- The terminal ----

// Returns what a shell would read from its terminal after this command.
std::string typed_by(const test::Arguments& command, bool with_defence) {
  int master = -1;
  int slave = -1;
  if (openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) return "no terminal";
  struct termios mode;
  tcgetattr(slave, &mode);
  cfmakeraw(&mode);
  tcsetattr(slave, TCSANOW, &mode);
  test::Supervisor supervisor([&](const SupervisedCall& call) -> Verdict {
    const bool is_filter = call.number == SYS_prctl && call.arguments[0] == PR_SET_SECCOMP;
    if (is_filter && !with_defence) return {.what = Verdict::kFail, .error = 0};
    return {};
  });
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    dup2(slave, 0);
    if (!with_defence) supervisor.install();
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(99);
  }
  (void)test::wait_for(child, std::chrono::seconds(20));
  supervisor.finish();
  char text[64];
  int size = 0;
  fcntl(slave, F_SETFL, O_NONBLOCK);
  size = static_cast<int>(read(slave, text, sizeof text));
  close(slave);
  close(master);
  return std::string(text, size > 0 ? static_cast<size_t>(size) : 0);
}

TEST_F(LeakAttackTest, NothingIsTypedIntoTheCallersTerminal) {
  REQUIRE_ROOT();
  // With the capabilities of the host's root, because without them the kernel may forbid it by
  // itself (dev.tty.legacy_tiocsti).
  const std::string attack = test::built("tests/attack");
  for (const char* way : {"type", "type-high"}) {
    const test::Arguments plain = {nsrun_, "--share-user", "--", attack, way, "x"};
    const test::Arguments with_privileges = {
        nsrun_, "--share-user", "--new-privs", "--", attack, way, "x"};
    const test::Arguments with_root = {nsrun_,       "--share-user", "--cap-add", "all", "--rootfs",
                                       root_.path(), "--",           "/attack",   way,   "x"};
    for (const test::Arguments& command : {plain, with_privileges, with_root}) {
      EXPECT_EQ("", typed_by(command, true)) << way;
      EXPECT_EQ("x", typed_by(command, false)) << "the control: " << way;
    }
  }
}

TEST_F(LeakAttackTest, NothingIsPastedIntoTheCallersConsole) {
  REQUIRE_ROOT();
  int master = -1;
  int slave = -1;
  ASSERT_EQ(0, openpty(&master, &slave, nullptr, nullptr, nullptr));
  const auto status_of = [&](const test::Arguments& command) {
    const auto on_terminal = [&] { dup2(slave, 0); };
    return test::run_command(command, {.before_exec = on_terminal}).status;
  };
  const std::string attack = test::built("tests/attack");
  EXPECT_TRUE(status_of({attack, "paste"}).exited_with(1)) << "the control";
  EXPECT_TRUE(status_of({nsrun_, "--share-user", "--", attack, "paste"}).exited_with(3));
  close(master);
  close(slave);
}

}  // namespace
