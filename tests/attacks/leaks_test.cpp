// The attacker is the command that nsrun runs. It wants what its caller has without having given
// it: the keys of the caller's session, files that the caller has left open, the terminal that the
// caller's shell reads.
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
#include "tests/support/supervisor.h"

namespace {

using test::contains;
using test::Outcome;
using test::SupervisedCall;
using test::Verdict;

constexpr int kNobody = 65534;

class LeakAttackTest : public test::NsrunShellTest {
 protected:
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

// A session keyring with a key of the caller's in it.
void have_a_key() {
  constexpr int kJoinSessionKeyring = 1;
  constexpr int kSetPermissions = 5;
  constexpr int kSessionKeyring = -3;
  if (syscall(SYS_keyctl, kJoinSessionKeyring, nullptr) < 0) _exit(90);
  const long key = syscall(SYS_add_key, "user", kKey, kPayload, strlen(kPayload), kSessionKeyring);
  if (key < 0 || syscall(SYS_keyctl, kSetPermissions, key, 0x3f3f3f3f) != 0) _exit(91);
}

bool has_keys() { return syscall(SYS_keyctl, 0, -3, 0) >= 0 || errno != ENOSYS; }

TEST_F(LeakAttackTest, TheCallersKeysAreNotTheCommands) {
  if (!has_keys()) GTEST_SKIP() << "a kernel without keys";
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

TEST_F(LeakAttackTest, TheCallersKeysAreNotThoseOfACommandThatJoins) {
  REQUIRE_ROOT();
  if (!has_keys()) GTEST_SKIP() << "a kernel without keys";
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

// What a shell would read from its terminal after this command.
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
  // With the capabilities of the host's root: otherwise the kernel may forbid it by itself
  // (dev.tty.legacy_tiocsti).
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

}  // namespace
