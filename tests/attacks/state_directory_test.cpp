// The attacker is root of a container with the host's user ids (kuid 0). The directory for the
// files that sealing may make (_LIBCONTAINER_STATEDIR or /tmp) is bound into the container, and its
// mounts are a slave or a peer of the host's. So the attacker sees names and mounts there as soon
// as the host makes them, and may rename, open and write them.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <numeric>

#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using sys::Fd;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::Sealing;
using test::SupervisedCall;
using test::Supervisor;
using test::Verdict;
using std::chrono_literals::operator""s;

constexpr int kNobody = 65534;

// The system calls that Linux 5.1 to 5.17 added. An older kernel has none of them.
std::vector<long> newer_calls() {
  std::vector<long> numbers(26);
  std::iota(numbers.begin(), numbers.end(), 424);
  return numbers;
}

class StateDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    chmod(state_.path().c_str(), 01777);
    chmod(directory_.path().c_str(), 0755);
  }

  void make_binary(const std::vector<Sealing>& order) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, order);
  }
  struct Result {
    test::Status status;
    std::string log;
  };
  Result start(const std::function<void(Parent&)>& setup) {
    Parent parent(binary_);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    setup(parent);
    parent.start();
    parent.send(Message().bytes());
    const test::Status status = parent.wait_stage0(10s);
    return {status, parent.log()};
  }

  // Runs `body` with shared mounts, as systemd sets them up, and with a peer of them, which stands
  // for the container.
  void with_a_peer(const std::function<void(pid_t peer)>& body) {
    const pid_t child = fork();
    if (child == 0) {
      if (unshare(CLONE_NEWNS) != 0 ||
          mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
          mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) != 0) {
        _exit(66);
      }
      int ready[2];
      if (pipe2(ready, O_CLOEXEC) != 0) _exit(67);
      const pid_t peer = fork();
      if (peer == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWNS) != 0) _exit(68);
        (void)!write(ready[1], "r", 1);
        for (;;) pause();
      }
      char byte = 0;
      (void)!read(ready[0], &byte, 1);
      body(peer);
      kill(peer, SIGKILL);
      fflush(stdout);
      _exit(HasFailure() ? 1 : 0);
    }
    EXPECT_TRUE(test::wait_for(child, 60s).exited_with(0));
  }

  const test::TemporaryDirectory directory_;
  const test::TemporaryDirectory state_;
  std::string binary_ = directory_.file("binary");
};

std::string mounts_of(pid_t pid) {
  return test::read_file("/proc/" + std::to_string(pid) + "/mountinfo");
}

TEST_F(StateDirectoryTest, ABindMountAppearsInNoOtherNamespace) {
  make_binary({Sealing::kBindMount});
  with_a_peer([&](pid_t peer) {
    const std::string before = mounts_of(peer);
    const std::string own = mounts_of(getpid());
    int seen = 0;
    int calls = 0;
    Supervisor supervisor([&](const SupervisedCall&) {
      ++calls;
      if (mounts_of(peer) != before || mounts_of(getpid()) != own) ++seen;
      return Verdict{};
    });
    const Result result =
        start([&](Parent& parent) { parent.before_exec = [&] { supervisor.install(); }; });
    (void)supervisor.finish();
    EXPECT_EQ("bind-mount", test::sealing_in(result.log)) << result.log;
    EXPECT_LT(20, calls);
    EXPECT_EQ(0, seen);
  });
}

// Binds the binary on a name in the directory and makes the bind read-only. The peer opens it for
// writing.
TEST_F(StateDirectoryTest, ControlABindInTheHostsNamespaceIsWrittenByItsPeer) {
  make_binary({});
  with_a_peer([&](pid_t peer) {
    const std::string name = state_.file("nsexec.1");
    test::write_file(name, "");
    EXPECT_EQ(0, mount(binary_.c_str(), name.c_str(), nullptr, MS_BIND, nullptr));
    EXPECT_EQ(0, mount(nullptr, name.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr));
    EXPECT_FALSE(Fd(open(name.c_str(), O_WRONLY | O_CLOEXEC)).is_open());
    const std::string theirs = "/proc/" + std::to_string(peer) + "/root" + name;
    const Fd fd(open(theirs.c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(5, write(fd.get(), "owned", 5)) << "the control: the attack works";
    EXPECT_EQ(0, umount2(name.c_str(), MNT_DETACH));
    EXPECT_EQ("owned", test::read_file(binary_).substr(0, 5));
  });
}

// Before each of the calls in turn, the attacker replaces the binary's name with another file, a
// symlink to another file, or a symlink to a mount of the host.
TEST_F(StateDirectoryTest, ASwappedNameOnlyMakesTheStrategyFail) {
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      _exit(66);
    }
    const std::string victim = directory_.file("victim");
    const std::string other = directory_.file("other");
    test::write_file(victim, "precious");
    EXPECT_EQ(0, mount(victim.c_str(), victim.c_str(), nullptr, MS_BIND, nullptr));
    const std::string table = test::read_file("/proc/self/mountinfo");
    for (const Sealing sealing : test::available()) {
      if (sealing >= Sealing::kReflink) break;  // copies do not use the name
      int failed = 0;
      int swaps = 0;
      for (int at = 1;; ++at) {
        make_binary({sealing});
        const std::string content = test::read_file(binary_);
        const std::string aside = directory_.file("aside");
        bool swapped = false;
        bool executed = false;
        int calls = 0;
        Supervisor supervisor([&](const SupervisedCall& call) {
          if (test::executes(call) && calls > 0) executed = true;
          if (calls++ != at || executed) return Verdict{};
          swapped = true;
          (void)rename(binary_.c_str(), aside.c_str());
          if (at % 3 == 0) test::copy_program(built("nsreport"), binary_);
          if (at % 3 == 1) (void)!symlink(victim.c_str(), binary_.c_str());
          if (at % 3 == 2) {
            test::copy_program(built("nsreport"), other);
            (void)!symlink(other.c_str(), binary_.c_str());
          }
          return Verdict{};
        });
        const Result result =
            start([&](Parent& parent) { parent.before_exec = [&] { supervisor.install(); }; });
        (void)supervisor.finish();
        (void)unlink(binary_.c_str());
        if (!swapped) break;
        ++swaps;
        if (!result.status.exited_with(0)) {
          ++failed;
          EXPECT_TRUE(contains(result.log, test::name_of(sealing, false) + " E")) << result.log;
        } else {
          EXPECT_EQ(test::name_of(sealing, false), test::sealing_in(result.log));
        }
        EXPECT_TRUE(content == test::read_file(aside)) << at;
        EXPECT_EQ("precious", test::read_file(victim)) << at;
        EXPECT_EQ(table, test::read_file("/proc/self/mountinfo")) << at;
      }
      EXPECT_LT(3, swaps) << test::name_of(sealing);
      if (sealing != Sealing::kDetachedMount) {
        EXPECT_LT(0, failed) << test::name_of(sealing);
      }
    }
    fflush(stdout);
    _exit(HasFailure() ? 1 : 0);
  }
  EXPECT_TRUE(test::wait_for(child, 120s).exited_with(0));
}

// Does the same by names. So the mount that is made read-only and unmounted is not the one that was
// made.
TEST_F(StateDirectoryTest, ControlASwappedNameChangesAMountOfTheHost) {
  make_binary({});
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      _exit(66);
    }
    const std::string victim = directory_.file("victim");
    const std::string name = state_.file("nsexec.1");
    test::write_file(victim, "precious");
    test::write_file(name, "");
    EXPECT_EQ(0, mount(victim.c_str(), victim.c_str(), nullptr, MS_BIND, nullptr));
    const std::string table = test::read_file("/proc/self/mountinfo");
    EXPECT_EQ(0, mount(binary_.c_str(), name.c_str(), nullptr, MS_BIND, nullptr));
    // Renames the directory, because a mount point itself cannot be renamed here.
    const std::string aside = state_.path() + ".aside";
    EXPECT_EQ(0, rename(state_.path().c_str(), aside.c_str()));
    EXPECT_EQ(0, mkdir(state_.path().c_str(), 0755));
    EXPECT_EQ(0, symlink(victim.c_str(), name.c_str()));
    EXPECT_EQ(0, mount(nullptr, name.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr));
    EXPECT_EQ(0, umount2(name.c_str(), MNT_DETACH)) << "the control: the attack works";
    EXPECT_NE(table, test::read_file("/proc/self/mountinfo"));
    (void)unlink(name.c_str());
    (void)rmdir(state_.path().c_str());
    (void)umount2((aside + "/nsexec.1").c_str(), MNT_DETACH);
    (void)rename(aside.c_str(), state_.path().c_str());
    fflush(stdout);
    _exit(HasFailure() ? 1 : 0);
  }
  EXPECT_TRUE(test::wait_for(child, 20s).exited_with(0));
}

// Notices whether a name appears in a directory or disappears from it.
class NamesWatch {
 public:
  explicit NamesWatch(const std::string& directory) : fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    EXPECT_LE(0, inotify_add_watch(fd_.get(), directory.c_str(),
                                   IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM));
  }
  bool has_seen_any() {
    char events[4096];
    return read(fd_.get(), events, sizeof events) > 0;
  }

 private:
  Fd fd_;
};

// Also without statx (4.11) and all calls that are newer than Linux 5.0, the default order seals
// with files that no other process can reach.
TEST_F(StateDirectoryTest, TheDefaultOrderMakesNoFileNameOnAnyKernel) {
  make_binary({});
  std::vector<long> without_statx = newer_calls();
  without_statx.push_back(SYS_statx);
  for (const std::vector<long>& refused : {std::vector<long>{}, newer_calls(), without_statx}) {
    for (const bool by_root : {true, false}) {
      NamesWatch names(state_.path());
      const std::string table = test::read_file("/proc/self/mountinfo");
      const Result result = start([&](Parent& parent) {
        if (!by_root) parent.uid = kNobody;
        parent.before_exec = [&] {
          if (!refused.empty()) test::refuse_calls(refused, ENOSYS);
        };
      });
      const std::string usual = by_root ? "bind-mount" : "memfd";
      if (!refused.empty()) {
        EXPECT_EQ(usual, test::sealing_in(result.log)) << result.log;
      }
      // Without a user namespace an ordinary user cannot become root, so the start fails after
      // sealing.
      EXPECT_TRUE(result.status.exited_with(by_root ? 0 : 1)) << result.log;
      EXPECT_EQ(by_root, !contains(result.log, "fatal")) << result.log;
      EXPECT_FALSE(names.has_seen_any());
      EXPECT_EQ(table, test::read_file("/proc/self/mountinfo"));
    }
  }
  NamesWatch names(state_.path());
  test::write_file(state_.file("nsexec.1"), "");
  EXPECT_TRUE(names.has_seen_any()) << "the control";
}

// The attacker's other way: /proc/PID/exe, while the process runs and after it has ended.
TEST_F(StateDirectoryTest, TheDefaultOrderPreventsWritingOnAnyKernel) {
  for (const Sealing sealing : {Sealing{}, Sealing::kNone}) {
    make_binary(sealing == Sealing{} ? std::vector<Sealing>{} : std::vector<Sealing>{sealing});
    Parent parent(binary_);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    parent.with_report = true;
    parent.before_exec = [] { test::refuse_calls(newer_calls(), ENOSYS); };
    const test::Pids pids = parent.run(Message().flags(CLONE_NEWNS).bytes());
    (void)parent.read_report();
    const std::string exe = "/proc/" + std::to_string(pids.stage2) + "/exe";
    const Fd kept(open(exe.c_str(), O_PATH | O_CLOEXEC));
    EXPECT_FALSE(Fd(open(exe.c_str(), O_WRONLY | O_CLOEXEC)).is_open());
    parent.finish_probe();
    EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
    const std::string again = "/proc/self/fd/" + std::to_string(kept.get());
    const Fd fd(open(again.c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(sealing == Sealing::kNone, fd.is_open()) << "without sealing the attack works";
  }
}

// If a copy had a name even for a moment, another process may have it open. So the strategy that
// makes such a copy is refused.
TEST_F(StateDirectoryTest, NoCopyThatHadANameIsExecuted) {
  make_binary({Sealing::kUnlinkedFile});
  NamesWatch names(state_.path());
  const Result result = start([](Parent&) {});
  EXPECT_TRUE(result.status.exited_with(1));
  EXPECT_TRUE(contains(result.log, "seal /proc/self/exe: unlinked-file EOPNOTSUPP")) << result.log;
  EXPECT_FALSE(names.has_seen_any());
}

TEST_F(StateDirectoryTest, ControlACopyThatHadANameIsWrittenByAnotherProcess) {
  const std::string name = state_.file("nsexec.1");
  const Fd created(open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0500));
  const Fd attackers(open(name.c_str(), O_PATH | O_CLOEXEC));
  EXPECT_EQ(0, unlink(name.c_str()));
  const std::string content = test::read_file("/bin/true");
  EXPECT_EQ(static_cast<ssize_t>(content.size()),
            write(created.get(), content.data(), content.size()));
  const Fd writer(
      open(("/proc/self/fd/" + std::to_string(attackers.get())).c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(5, write(writer.get(), "owned", 5)) << "the control: the attack works";
  char start[5] = {};
  EXPECT_EQ(5, pread(created.get(), start, 5, 0));
  EXPECT_EQ("owned", std::string(start, 5));
}

// O_TMPFILE with O_EXCL makes a file that linkat cannot link.
TEST_F(StateDirectoryTest, ACopyWithoutANameCannotBeGivenOne) {
  make_binary({Sealing::kTmpfile});
  const std::string link_name = state_.file("link");
  const auto link_all_of = [&](pid_t pid) {
    bool linked = false;
    for (int fd = 3; fd < 32 && !linked; ++fd) {
      const std::string path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
      if (!contains(test::read_link(path), state_.path())) continue;
      linked = linkat(AT_FDCWD, path.c_str(), AT_FDCWD, link_name.c_str(), AT_SYMLINK_FOLLOW) == 0;
    }
    return linked;
  };
  for (const bool with_defence : {true, false}) {
    bool linked = false;
    Supervisor supervisor([&](const SupervisedCall& call) {
      if (call.number == SYS_openat && !with_defence && (call.arguments[2] & O_EXCL) != 0) {
        // The attacker links such a file of its own, opened without O_EXCL.
        const Fd loose(open(state_.path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0500));
        const std::string own = "/proc/self/fd/" + std::to_string(loose.get());
        linked = linkat(AT_FDCWD, own.c_str(), AT_FDCWD, link_name.c_str(), AT_SYMLINK_FOLLOW) == 0;
      }
      if (with_defence) linked = linked || link_all_of(call.pid);
      return Verdict{};
    });
    const Result result =
        start([&](Parent& parent) { parent.before_exec = [&] { supervisor.install(); }; });
    (void)supervisor.finish();
    EXPECT_EQ("tmpfile", test::sealing_in(result.log)) << result.log;
    EXPECT_EQ(!with_defence, linked);
    (void)unlink(link_name.c_str());
  }
}

}  // namespace
