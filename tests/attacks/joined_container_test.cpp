// The attacker is root in a container that nsrun joins. All files there are the attacker's, also
// devices that answer as the attacker likes, or never (FUSE). It wants nsrun, which is root
// outside, to use an fd of the attacker's choice, to hang, to join another process, or to give out
// capabilities that the container does not have.
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fuse.h>
#include <linux/sched.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "tests/support/nsrun.h"
#include "tests/support/supervisor.h"

namespace {

using test::contains;
using test::Outcome;
using test::run_command;
using std::chrono_literals::operator""s;

// A FUSE file system on /dev of a mount namespace. `ptmx` is a regular file, and every ioctl on it
// returns `answer`. A lookup of any other name is never answered. The destructor kills the server,
// which wakes all processes that wait for it.
class HostileDevices {
 public:
  HostileDevices(pid_t pid, int answer) {
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) return;
    server_ = fork();
    if (server_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve(pid, answer, ready[1]);
      _exit(0);
    }
    close(ready[1]);
    char byte = 0;
    works_ = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
  }
  ~HostileDevices() {
    kill(server_, SIGKILL);
    waitpid(server_, nullptr, 0);
  }
  HostileDevices(const HostileDevices&) = delete;
  HostileDevices& operator=(const HostileDevices&) = delete;
  /// Returns false if this kernel has no FUSE.
  [[nodiscard]] bool works() const { return works_; }

 private:
  static constexpr uint64_t kFile = 2;

  static void reply(int device, uint64_t unique, int error, const void* data, size_t size) {
    char buffer[512];
    const fuse_out_header header = {static_cast<uint32_t>(sizeof header + size), error, unique};
    memcpy(buffer, &header, sizeof header);
    if (size != 0) memcpy(buffer + sizeof header, data, size);
    (void)!write(device, buffer, sizeof header + size);
  }
  static fuse_attr attributes(uint64_t node) {
    fuse_attr result{};
    result.ino = node;
    result.mode = node == kFile ? S_IFREG | 0666 : S_IFDIR | 0777;
    result.nlink = 1;
    return result;
  }
  static void serve(pid_t pid, int answer, int ready) {
    const int device = open("/dev/fuse", O_RDWR);
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/mnt";
    if (device < 0 || setns(open(path.c_str(), O_RDONLY), CLONE_NEWNS) != 0) return;
    const std::string options =
        "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0,allow_other";
    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (mount("fuse", "/dev", "fuse", 0, options.c_str()) != 0) return;
    (void)!write(ready, "", 1);
    static char buffer[1 << 18];
    for (;;) {
      if (read(device, buffer, sizeof buffer) < 0) return;
      fuse_in_header request;
      memcpy(&request, buffer, sizeof request);
      const char* arguments = buffer + sizeof request;
      if (request.opcode == FUSE_INIT) {
        fuse_init_out out{};
        out.major = FUSE_KERNEL_VERSION;
        out.minor = 31;
        out.max_write = 4096;
        reply(device, request.unique, 0, &out, sizeof out);
      } else if (request.opcode == FUSE_GETATTR) {
        fuse_attr_out out{};
        out.attr = attributes(request.nodeid);
        reply(device, request.unique, 0, &out, sizeof out);
      } else if (request.opcode == FUSE_LOOKUP && strcmp(arguments, "ptmx") == 0) {
        fuse_entry_out out{};
        out.nodeid = kFile;
        out.attr = attributes(kFile);
        reply(device, request.unique, 0, &out, sizeof out);
      } else if (request.opcode == FUSE_OPEN) {
        const fuse_open_out out{};
        reply(device, request.unique, 0, &out, sizeof out);
      } else if (request.opcode == FUSE_IOCTL) {
        fuse_ioctl_out out{};
        out.result = answer;
        reply(device, request.unique, 0, &out, sizeof out);
      } else if (request.opcode != FUSE_LOOKUP && request.opcode != FUSE_FORGET &&
                 request.opcode != FUSE_INTERRUPT && request.opcode != FUSE_BATCH_FORGET) {
        reply(device, request.unique, -ENOSYS, nullptr, 0);
      }
    }
  }

  pid_t server_ = -1;
  bool works_ = false;
};

class JoinedContainerTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
  // Runs a script in the container as the container's root.
  static void in_container(const test::Sleeper& container, const std::string& script) {
    test::run_in_namespaces_of(container.pid(), [&] {
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
      execl("/bin/sh", "sh", "-ec", script.c_str(), nullptr);
      _exit(99);
    });
  }
  Outcome join(const test::Sleeper& container, test::Arguments options) {
    options.insert(options.begin(), {"--join", std::to_string(container.pid())});
    return nsrun(options);
  }
};

TEST_F(JoinedContainerTest, ControlAFuseFileAnswersAnIoctlWithAnyFd) {
  const test::Sleeper container(CLONE_NEWNS);
  const HostileDevices devices(container.pid(), 1);
  if (!devices.works()) GTEST_SKIP() << "no FUSE here";
  test::run_in_namespaces_of(container.pid(), [] {
    const int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (master < 0 || ioctl(master, TIOCGPTPEER, O_RDWR) != 1) _exit(1);
  });
}

TEST_F(JoinedContainerTest, ControlAFuseDirectoryBlocksAProcessThatOpensIt) {
  const test::Sleeper container(CLONE_NEWNS);
  const HostileDevices devices(container.pid(), 1);
  if (!devices.works()) GTEST_SKIP() << "no FUSE here";
  const pid_t child = fork();
  if (child == 0) {
    test::run_in_namespaces_of(container.pid(), [] { (void)open("/dev/pts", O_PATH); });
    _exit(0);
  }
  EXPECT_FALSE(test::wait_for(child, 1s).ended) << "it does not wait";
  kill(child, SIGKILL);
  (void)test::wait_for(child);
}

TEST_F(JoinedContainerTest, NoFileSystemOfTheContainerBlocksNsrunForEver) {
  const test::Sleeper container(CLONE_NEWNS);
  const HostileDevices devices(container.pid(), 1);
  if (!devices.works()) GTEST_SKIP() << "no FUSE here";
  const std::string pid = std::to_string(container.pid());
  const struct {
    test::Arguments options;
    const char* message;
  } attacks[] = {
      {{"--tty", "--", "/bin/true"}, "nsrun: --join --tty: no answer for 10 seconds; given up\n"},
      {{"--chdir", "/dev/never", "--", "/bin/true"}, "nsrun: --join --chdir: no answer for"},
      {{"--", "/dev/never"}, "nsrun: --join execute COMMAND: no answer for"},
      {{"--init", "--", "/dev/never"}, "nsrun: --join execute COMMAND: no answer for"},
      {{"--ns", "pid", "--chdir", "/dev/never", "--", "/bin/true"}, "nsrun: --join --chdir:"},
  };
  // All attacks run at the same time, because each takes until nsrun gives up.
  std::vector<pid_t> children;
  std::vector<std::string> files;
  for (const auto& attack : attacks) {
    files.push_back(root_.file("err" + std::to_string(files.size())));
    const pid_t child = fork();
    if (child == 0) {
      dup2(open(files.back().c_str(), O_WRONLY | O_CREAT, 0600), 2);
      test::Arguments words = {nsrun_, "--join", pid};
      words.insert(words.end(), attack.options.begin(), attack.options.end());
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(99);
    }
    children.push_back(child);
  }
  for (size_t i = 0; i < children.size(); ++i) {
    const test::Status status = test::wait_for(children[i], 60s);
    EXPECT_TRUE(status.exited_with(125)) << i << ": " << status;
    EXPECT_TRUE(contains(test::read_file(files[i]), attacks[i].message))
        << test::read_file(files[i]) << "not: " << attacks[i].message;
    if (!status.ended) kill(children[i], SIGKILL);
  }
}

TEST_F(JoinedContainerTest, TtyTakesATerminalOnlyFromADevpts) {
  const struct {
    const char* script;   // what the attacker makes in /dev, which is empty
    const char* message;  // "" if nsrun must accept it
  } attacks[] = {
      {"", "--tty the container's /dev/pts: ENOENT"},
      {"mkdir /dev/pts", "--tty the container's /dev/pts: not a devpts file system"},
      {"mkfifo /dev/pts", "--tty the container's /dev/pts: ENOTDIR"},
      {"ln -s /proc/1/root/dev/pts /dev/pts", "--tty the container's /dev/pts: ENOTDIR"},
      {"mkdir /dev/pts; mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts; "
       "mkfifo /dev/fifo; mount --bind /dev/fifo /dev/pts/ptmx",
       "--tty the container's /dev/pts/ptmx: "},
      {"mkdir /dev/pts; mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts; "
       "mknod /dev/zero c 1 5; mount --bind /dev/zero /dev/pts/ptmx",
       "--tty the container's /dev/pts/ptmx: "},
      {"mkdir /dev/pts; mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts; "
       "echo > /dev/file; mount --bind /dev/file /dev/pts/ptmx",
       "--tty the container's /dev/pts/ptmx: "},
      // nsrun must not use /dev/ptmx of the container.
      {"mkdir /dev/pts; mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts; "
       "mkfifo /dev/ptmx",
       ""},
  };
  for (const auto& attack : attacks) {
    const test::Sleeper container(CLONE_NEWNS);
    in_container(container, std::string("mount -t tmpfs tmpfs /dev; ") + attack.script);
    const Outcome outcome =
        join(container, {"--tty", "--user", "1234", "--", "/bin/sh", "-c", "tty"});
    if (*attack.message == '\0') {
      EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
      EXPECT_EQ("/dev/pts/0\r\n", outcome.out);
    } else {
      EXPECT_TRUE(outcome.status.exited_with(125)) << attack.script << outcome.status;
      EXPECT_TRUE(contains(outcome.err, attack.message)) << outcome.err << attack.message;
    }
  }
}

// A process in a container that has dropped most of its capabilities.
class BoundedProcess {
 public:
  /// If not `bounded`, it only sets no_new_privs.
  explicit BoundedProcess(bool bounded = true) {
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (unshare(CLONE_NEWUTS) != 0) _exit(1);
      for (int i = 0; bounded && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; ++i) {
        if (i != CAP_KILL && i != CAP_CHOWN) prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
      }
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      (void)!write(ready[1], "", 1);
      for (;;) pause();
    }
    char byte = 0;
    (void)!read(ready[0], &byte, 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~BoundedProcess() { end(); }
  BoundedProcess(const BoundedProcess&) = delete;
  BoundedProcess& operator=(const BoundedProcess&) = delete;
  void end() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] std::string name() const { return std::to_string(pid_); }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

constexpr char kLook[] =
    "awk '/^Cap(Prm|Eff|Bnd)/ { printf \"%s \", $2 } /^NoNew/ { print $2 }' /proc/self/status";

TEST_F(JoinedContainerTest, TheCommandHasNoMoreCapabilitiesThanTheTargetCanHave) {
  const BoundedProcess target;
  const auto seen = [&](test::Arguments options) {
    options.insert(options.begin(), {"--join", target.name()});
    options.insert(options.end(), {"--", "/bin/sh", "-c", kLook});
    const Outcome outcome = nsrun(options);
    EXPECT_EQ("", outcome.err);
    return outcome.out;
  };
  const std::string own = run_command({"/bin/sh", "-c", kLook}).out;
  const std::string few = "0000000000000021 ";
  EXPECT_EQ(few + few + few + "1\n", seen({}));
  EXPECT_EQ(few + few + few + "1\n", seen({"--new-privs"})) << "the target has no_new_privs";
  const std::string more = "0000000000000023 ";
  EXPECT_EQ(more + more + more + "1\n", seen({"--cap-add", "dac_override"}));
  const std::string less = "0000000000000001 ";
  EXPECT_EQ(less + less + less + "1\n", seen({"--cap-drop", "kill"}));
  // The control: with these options the command gets all capabilities, as with nsenter.
  EXPECT_EQ(own, seen({"--cap-add", "all", "--new-privs"}));
}

TEST_F(JoinedContainerTest, TheCommandHasNoNewPrivsIfTheTargetHas) {
  const BoundedProcess target(false);
  const auto seen = [&](test::Arguments options) {
    options.insert(options.begin(), {"--join", target.name(), "--new-privs"});
    options.insert(options.end(), {"--", "/bin/grep", "NoNewPrivs", "/proc/self/status"});
    return nsrun(options).out;
  };
  EXPECT_EQ("NoNewPrivs:\t1\n", seen({}));
  EXPECT_EQ("NoNewPrivs:\t1\n", seen({"--cap-add", "kill"}));
  EXPECT_EQ("NoNewPrivs:\t0\n", seen({"--cap-add", "all"})) << "the control";
}

TEST_F(JoinedContainerTest, AMountNamespaceWithoutAProcessGivesTheDefaultCapabilities) {
  const auto seen = [&](const std::string& what, const test::Arguments& more = {}) {
    test::Arguments options = {"--join", what};
    options.insert(options.end(), more.begin(), more.end());
    options.insert(options.end(), {"--", "/bin/sh", "-c", kLook});
    return nsrun(options).out;
  };
  const test::Sleeper container(CLONE_NEWNS | CLONE_NEWUTS);
  const std::string own = run_command({"/bin/sh", "-c", kLook}).out;
  const std::string all = own.substr(0, own.find(' ') + 1);
  const std::string usual = "00000000800405fb ";
  const std::string mnt = "mnt:" + container.namespace_path("mnt");
  const std::string uts = "uts:" + container.namespace_path("uts");
  EXPECT_EQ(usual + usual + usual + "1\n", seen(mnt));
  EXPECT_EQ(usual + usual + usual + "1\n", seen(uts + "," + mnt));
  EXPECT_EQ(all + all + all + "1\n", seen(mnt, {"--cap-add", "all"}));
  EXPECT_EQ(all + all + all + "1\n", seen(uts)) << "no mount namespace is joined";
}

// The target ends between nsrun's check and its join, and another process gets the same pid.
TEST_F(JoinedContainerTest, NeverJoinsAnotherProcessWithTheSamePid) {
  auto target = std::make_unique<BoundedProcess>();
  const pid_t pid = target->pid();
  const std::string file = "/proc/" + std::to_string(pid) + "/ns/uts";
  const std::string first = test::read_link(file);
  const sys::Fd kept(open(
      file.c_str(), O_RDONLY | O_CLOEXEC));  // keeps the namespace's number from being used again
  pid_t impostor = -1;
  std::string second;
  {
    test::Supervisor supervisor([&](const test::SupervisedCall& call) {
      // Stage 1 is about to open its first namespace.
      const bool is_stage1 =
          test::read_file("/proc/" + std::to_string(call.pid) + "/comm") == "runc:[1:CHILD]\n";
      if (!is_stage1 || call.number != SYS_openat || impostor > 0) return test::Verdict{};
      target->end();
      clone_args arguments{};
      arguments.flags = CLONE_NEWUTS;
      arguments.exit_signal = SIGCHLD;
      arguments.set_tid = reinterpret_cast<uintptr_t>(&pid);
      arguments.set_tid_size = 1;
      impostor = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
      if (impostor == 0) {
        for (;;) pause();
      }
      second = test::read_link(file);
      return test::Verdict{};
    });
    const Outcome outcome = run_command({nsrun_, "--join", std::to_string(pid), "--", "/bin/true"},
                                        {.before_exec = [&] { supervisor.install(); }});
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "open namespace uts:" + file)) << outcome.err;
  }
  // The control: the path on the command line now leads to the other process.
  ASSERT_EQ(pid, impostor);
  EXPECT_NE(first, second);
  EXPECT_EQ(0U, second.find("uts:["));
  kill(impostor, SIGKILL);
  waitpid(impostor, nullptr, 0);
}

TEST_F(JoinedContainerTest, ReportsThatAProcessHasEnded) {
  const pid_t zombie = fork();
  if (zombie == 0) _exit(0);
  siginfo_t info{};
  ASSERT_EQ(0, waitid(P_PID, static_cast<id_t>(zombie), &info, WEXITED | WNOWAIT));
  const std::string name = std::to_string(zombie);
  expect_error({"--join", name, "--", "/bin/true"}, 125,
               "nsrun: --join " + name + ": the process has ended\n");
  waitpid(zombie, nullptr, 0);
  expect_error({"--join", name, "--", "/bin/true"}, 125,
               "nsrun: --join " + name + ": there is no such process\n");
}

// nsrun identifies the target by its /proc directory. The command must not inherit that fd.
TEST_F(JoinedContainerTest, TheCommandInheritsNoFdOfTheTarget) {
  const BoundedProcess target;
  for (const char* init : {"--quiet", "--init"}) {
    const Outcome outcome =
        nsrun({"--join", target.name(), init, "--", "/bin/sh", "-c", "ls -l /proc/$$/fd; env"});
    EXPECT_FALSE(contains(outcome.out, "-> /proc/" + target.name())) << outcome.out;
    EXPECT_FALSE(contains(outcome.out, "NSRUN_")) << outcome.out;
  }
}

}  // namespace
