// Tests nsrun's options about processes that bwrap, nsenter and unshare have too.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/nsrun.h"

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using test::Arguments;
using test::contains;

constexpr int kOrdinaryUser = 65534;
constexpr int kDescriptor = 9;

class NsrunProcessOptionsTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  // Runs nsrun with these bytes to read from fd 9.
  test::Outcome with_input(const std::string& bytes, Arguments arguments) {
    test::write_file(root_.file("input"), bytes);
    arguments.insert(arguments.begin(), nsrun_);
    const std::string path = root_.file("input");
    return test::run_command(arguments, {.before_exec = [&] {
                               dup2(open(path.c_str(), O_RDONLY | O_CLOEXEC), kDescriptor);
                             }});
  }
  // Starts nsrun in the background. The caller must wait for it.
  pid_t start(Arguments arguments, int passed = -1) {
    arguments.insert(arguments.begin(), nsrun_);
    const pid_t child = fork();
    if (child != 0) return child;
    if (passed >= 0) dup2(passed, kDescriptor);
    std::vector<char*> argv;
    for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(99);
  }
  [[nodiscard]] bool runs() const { return test::appears(root_.file("bin/busybox")); }
  // Returns the pid of the container's first process as soon as that runs busybox.
  [[nodiscard]] std::string first_process() const {
    return runs() ? std::to_string(test::processes_of(root_.file("bin/busybox")).at(0)) : "";
  }
};

TEST_F(NsrunProcessOptionsTest, Argv0IsTheNameThatTheCommandSees) {
  const test::Outcome outcome =
      nsrun({"--rootfs", root_.path(), "--argv0", "hello", "--", "/bin/busybox", "x"});
  EXPECT_TRUE(contains(outcome.err + outcome.out, "hello: applet not found")) << outcome.err;
  expect_error({"--rootfs", root_.path(), "--argv0", "hello", "--", "/bin/nothing"}, 127,
               "/bin/nothing");
}

TEST_F(NsrunProcessOptionsTest, ArgsAreReadFromAFd) {
  using std::string_literals::operator""s;
  const Arguments command = {
      "--rootfs",  root_.path(), "--args",  "9",  "--env",
      "PATH=/bin", "--",         "/bin/sh", "-c", "echo $A; hostname; ls /proc/self/fd"};
  const test::Outcome outcome = with_input("--env\0A=b c\0--hostname\0inner\0"s, command);
  EXPECT_EQ("b c\ninner\n0\n1\n2\n3\n", outcome.out) << outcome.err;
  // The last argument needs no NUL, and a variable may be empty.
  EXPECT_EQ("b\ninner\n0\n1\n2\n3\n",
            with_input("--env\0A=b\0--env\0EMPTY=\0--hostname\0inner"s, command).out);
  EXPECT_TRUE(contains(with_input("", command).out, "0\n1\n2\n3\n"));
  EXPECT_TRUE(contains(with_input("--no-such\0"s, command).err, "--no-such"));
}

TEST_F(NsrunProcessOptionsTest, ArgsAreLimited) {
  std::string many;
  for (int i = 0; i < 10000; ++i) many += std::string("--quiet") + '\0';
  const Arguments command = {"--args", "9", "--", "/bin/true"};
  EXPECT_TRUE(contains(with_input(many, command).err, "more than 9000 words"));
  EXPECT_TRUE(
      contains(with_input(std::string(2U << 20, 'x'), command).err, "more than a mebibyte"));
  // The fd is closed by then, so --args in its own input is an error and not an endless loop.
  using std::string_literals::operator""s;
  EXPECT_TRUE(contains(with_input("--args\0009\0"s, command).err, "EBADF"));
  expect_error({"--args", "7", "--", "/bin/true"}, 125, "nsrun: --args 7: EBADF");
  expect_error({"--args", "x", "--", "/bin/true"}, 125, "not a file descriptor");
}

TEST_F(NsrunProcessOptionsTest, JsonStatusReportsThePidAndThenTheExitStatus) {
  for (const int uid : {0, kOrdinaryUser}) {
    const test::Outcome outcome = nsrun(
        {"--rootfs", root_.path(), "--json-status-fd", "1", "--", "/bin/sh", "-c", "exit 3"}, uid);
    const auto lines = test::split(outcome.out, '\n');
    ASSERT_LE(2U, lines.size()) << outcome.out << outcome.err;
    EXPECT_TRUE(contains(lines[0], "{\"child-pid\": ")) << lines[0];
    EXPECT_EQ("{\"exit-code\": 3}", lines[1]);
  }
  const test::Outcome none =
      nsrun({"--rootfs", root_.path(), "--json-status-fd", "1", "--", "/bin/nothing"});
  EXPECT_FALSE(contains(none.out, "exit-code")) << "the command was never started";
}

TEST_F(NsrunProcessOptionsTest, TheCommandWaitsForItsBlockFd) {
  for (const Arguments& more : {Arguments{}, Arguments{"--time-offset", "monotonic:0"}}) {
    int ends[2];
    ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
    Arguments arguments = {"--rootfs", root_.path(), "--block-fd", "9"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--", "/bin/sleep", "1000"});
    pid_t child = start(arguments, ends[0]);
    EXPECT_FALSE(test::wait_for(child, 300ms).ended);
    EXPECT_TRUE(test::processes_of(root_.file("bin/busybox")).empty());
    ASSERT_EQ(1, write(ends[1], "x", 1));
    EXPECT_TRUE(runs());
    kill(child, SIGTERM);
    EXPECT_TRUE(test::wait_for(child, 20s).exited_with(128 + SIGTERM));
    // A signal ends nsrun while it waits.
    child = start(arguments, ends[0]);
    EXPECT_FALSE(test::wait_for(child, 300ms).ended);
    kill(child, SIGTERM);
    EXPECT_TRUE(test::wait_for(child, 20s).exited_with(128 + SIGTERM));
    for (const int fd : ends) close(fd);
  }
}

TEST_F(NsrunProcessOptionsTest, TheSyncFdIsOpenAsLongAsTheContainerRuns) {
  int ends[2];
  ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
  const pid_t child =
      start({"--rootfs", root_.path(), "--sync-fd", "9", "--", "/bin/sleep", "1000"}, ends[1]);
  close(ends[1]);
  const std::string pid = first_process();
  EXPECT_FALSE(test::exists("/proc/" + pid + "/fd/9")) << "the command has inherited the fd";
  EXPECT_TRUE(test::exists("/proc/" + std::to_string(child) + "/fd/9"));
  kill(child, SIGTERM);
  char byte = 0;
  EXPECT_EQ(0, read(ends[0], &byte, 1));
  EXPECT_TRUE(test::wait_for(child, 20s).exited_with(128 + SIGTERM));
  close(ends[0]);
}

TEST_F(NsrunProcessOptionsTest, LockFilesAreLockedAsLongAsTheContainerRuns) {
  for (const char* name : {"one", "two"}) {
    test::write_file(root_.file(name), "", 0666);
    chmod(root_.file(name).c_str(), 0666);
  }
  const auto try_lock = [&](const char* name) {
    const sys::Fd file(open(root_.file(name).c_str(), O_RDWR | O_CLOEXEC));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    return fcntl(file.get(), F_SETLK, &lock) == 0;
  };
  for (const Arguments& more : {Arguments{}, Arguments{"--init"}, Arguments{"--tty"}}) {
    Arguments arguments = {"--rootfs", root_.path(), "--lock-file", "/one", "--lock-file", "/two"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--", "/bin/sleep", "1000"});
    const pid_t child = start(arguments);
    ASSERT_TRUE(runs());
    EXPECT_FALSE(try_lock("one"));
    EXPECT_FALSE(try_lock("two"));
    kill(child, SIGTERM);
    EXPECT_TRUE(test::wait_for(child, 20s).exited_with(128 + SIGTERM));
    EXPECT_TRUE(try_lock("one"));
  }
  // Another process holds the lock of the second file.
  const sys::Fd file(open(root_.file("two").c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  ASSERT_EQ(0, fcntl(file.get(), F_SETLK, &lock));
  expect_error(
      {"--rootfs", root_.path(), "--lock-file", "/one", "--lock-file", "/two", "--", "/bin/true"},
      125, "nsrun: --lock-file /two: EAGAIN");
  expect_error({"--rootfs", root_.path(), "--lock-file", "/three", "--", "/bin/true"}, 125,
               "nsrun: --lock-file /three: ENOENT");
  // A symlink is followed only inside the root.
  ASSERT_EQ(0, symlink("/etc/passwd", root_.file("link").c_str()));
  expect_error({"--rootfs", root_.path(), "--lock-file", "/link", "--", "/bin/true"}, 125,
               "nsrun: --lock-file /link: ENOENT");
}

// A container whose root, environment, directory and names differ from the host's.
class NsrunTargetTest : public NsrunProcessOptionsTest {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    mkdir(root_.file("here").c_str(), 0755);
    test::write_file(root_.file("only-inside"), "");
    nsrun_process_ =
        start({"--rootfs", root_.path(), "--hostname", "inner", "--env", "MARK=1", "--env",
               "NSRUN_START_US=1", "--chdir", "/here", "--", "/bin/sleep", "1000"});
    pid_ = first_process();
    ASSERT_NE("", pid_);
  }
  void TearDown() override {
    if (nsrun_process_ <= 0) return;
    kill(nsrun_process_, SIGTERM);
    EXPECT_TRUE(test::wait_for(nsrun_process_, 20s).ended);
  }
  std::string out(Arguments options, const std::string& script) {
    for (const std::string& more : Arguments{"--", "/bin/busybox", "sh", "-c", script})
      options.push_back(more);
    const Outcome outcome = nsrun(options);
    EXPECT_EQ("", outcome.err);
    return outcome.out;
  }
  using Outcome = test::Outcome;

  pid_t nsrun_process_ = 0;
  std::string pid_;
};

TEST_F(NsrunTargetTest, JoinsOneTypeOfATarget) {
  const std::string script =
      "for t in uts net mnt; do /bin/busybox readlink /proc/self/ns/$t; done";
  const auto expected = [&](bool uts, bool net) {
    return test::namespace_id(uts ? pid_ : "self", "uts") + "\n" +
           test::namespace_id(net ? pid_ : "self", "net") + "\n" +
           test::namespace_id("self", "mnt") + "\n";
  };
  EXPECT_EQ(expected(true, false), out({"-t", pid_, "-u"}, script));
  EXPECT_EQ(expected(true, true), out({"--target", pid_, "-n", "-u"}, script));
  EXPECT_EQ("inner\n", out({"-t", pid_, "-a"}, "/bin/busybox hostname"));
  expect_error({"-t", pid_, "--", "/bin/true"}, 125, "names no type to join");
  expect_error({"-t", "x", "-a", "--", "/bin/true"}, 125, "not a pid");
}

TEST_F(NsrunTargetTest, LettersWithoutATargetCreateNamespaces) {
  const std::string script = "for t in uts net; do /bin/busybox readlink /proc/self/ns/$t; done";
  const auto ids = test::split(out({"-u", "-f"}, script), '\n');
  EXPECT_NE(test::namespace_id("self", "uts"), ids.at(0));
  EXPECT_EQ(test::namespace_id("self", "net"), ids.at(1));
  EXPECT_EQ("1\n", out({"-f", "-p", "--mount-proc"}, "echo $$"));
}

TEST_F(NsrunTargetTest, EnvironmentRootAndDirectoryComeFromTheTargetOnRequest) {
  EXPECT_EQ("/here\n1\n",
            out({"--join", pid_, "--join-env", "--join-root", "--join-wd"}, "pwd; echo $MARK"));
  EXPECT_EQ("2\n", out({"--join", pid_, "--join-env", "--env", "MARK=2"}, "echo $MARK"));
  EXPECT_EQ("\n", out({"--join", pid_}, "echo $MARK"));
  EXPECT_EQ("0\n",
            out({"--join", pid_, "--join-env"}, "/bin/busybox env | /bin/busybox grep -c NSRUN"));
  expect_error({"--join-env", "--", "/bin/true"}, 125, "wants one --join PID");
}

// The groups are seen from outside, in each mounted hierarchy.
TEST_F(NsrunTargetTest, TheControlGroupComesFromTheTargetOnRequest) {
  std::string made;
  std::istringstream mounts(test::read_file("/proc/self/mountinfo"));
  for (std::string mount; std::getline(mounts, mount);) {
    if (!contains(mount, " - cgroup2 ") && !contains(mount, " - cgroup ")) continue;
    made = test::split(mount, ' ')[4] + "/nsrun-join-" + std::to_string(getpid());
    if (mkdir(made.c_str(), 0755) != 0) made.clear();
    if (made.empty()) continue;
    std::ofstream(made + "/cgroup.procs") << pid_ << std::endl;
    if (contains(test::read_file("/proc/" + pid_ + "/cgroup"), "nsrun-join-")) break;
    rmdir(made.c_str());
    made.clear();
  }
  if (made.empty()) GTEST_SKIP() << "no control group can be made here";
  const pid_t child =
      start({"--join", pid_, "--join-cgroup", "--", "/bin/busybox", "sleep", "999"});
  std::string groups;
  test::eventually(test::kHangs, [&] {
    for (const std::string& pid : test::children_of(child)) {
      groups = test::read_file("/proc/" + pid + "/cgroup");
    }
    return contains(groups, "nsrun-join-");
  });
  EXPECT_EQ(test::read_file("/proc/" + pid_ + "/cgroup"), groups);
  kill(child, SIGTERM);
  EXPECT_TRUE(test::wait_for(child, 20s).ended);
  TearDown();
  nsrun_process_ = 0;
  rmdir(made.c_str());
}

TEST_F(NsrunTargetTest, ATargetsRootBelowTheMountNamespacesRootIsEntered) {
  // The mount namespace is not joined, so the target's root is a directory of the host.
  EXPECT_EQ("/only-inside\n",
            out({"-t", pid_, "-u", "--join-root"}, "/bin/busybox ls -d /only-inside"));
}

}  // namespace
