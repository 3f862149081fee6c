// A joined container attacks while the stub joins it, and starts run with very few resources.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscalls/namespaces.h"
#include "tests/support/sealing.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::Sealing;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr int kNobody = 65534;

class HostileTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  [[nodiscard]] std::string paths(std::initializer_list<const char*> types) const {
    std::string list;
    for (const char* type : types) {
      list += (list.empty() ? "" : ",") + std::string(type) + ":" + container_.namespace_path(type);
    }
    return list;
  }
  test::Sleeper container_{sys::kAllNamespaces};
};

// Starts the program under difficult conditions. The start must end soon, with success or with one
// fatal record. Returns the record's message.
std::string end_of(Parent& parent, const std::string& message) {
  parent.start();
  parent.send(message);
  const bool has_line = contains(parent.read_line(), "stage2_pid");
  const test::Status verdict = parent.wait_stage0();
  EXPECT_TRUE(verdict.ended);
  const std::string fatal = parent.fatal();
  EXPECT_TRUE(verdict.exited_with(0) ? has_line && fatal.empty() : !verdict.exited_with(0))
      << verdict << fatal;
  EXPECT_TRUE(!verdict.exited_with(1) || !fatal.empty()) << parent.log();
  return fatal;
}

TEST_F(HostileTest, AFakeProcInTheContainerDoesNoHarm) {
  test::run_in_namespaces_of(container_.pid(), [] {
    // Covers all of /proc, because the stub must not use it after joining.
    if (mount("none", "/proc", "tmpfs", 0, nullptr) != 0) _exit(2);
  });
  Parent parent(built("nsexec-true"));
  EXPECT_EQ(
      "", end_of(parent, Message()
                             .flags(CLONE_NEWUTS)
                             .text(Attribute::kNamespacePaths, paths({"user", "mnt", "pid", "net"}))
                             .bytes()));
  EXPECT_TRUE(test::all_gone(built("nsexec-true")));
}

TEST_F(HostileTest, AReachedNamespaceLimitIsFatalAndNamed) {
  test::run_in_namespaces_of(container_.pid(), [] {
    const sys::Fd limit(open("/proc/sys/user/max_uts_namespaces", O_WRONLY | O_CLOEXEC));
    if (write(limit.get(), "0", 1) != 1) _exit(2);
  });
  Parent parent(built("nsexec-true"));
  const std::string fatal =
      end_of(parent, Message()
                         .flags(CLONE_NEWUTS)
                         .text(Attribute::kNamespacePaths, paths({"user", "mnt"}))
                         .bytes());
  EXPECT_TRUE(contains(fatal, "unshare uts: ENOSPC")) << fatal;
  EXPECT_TRUE(test::all_gone(built("nsexec-true")));
}

// A process in the container's pid namespace kills all other processes there, all the time.
TEST_F(HostileTest, KillingTheStagesFromInsideCausesNoHang) {
  const pid_t killer = fork();
  if (killer == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const auto& [name, flag] : {std::pair{"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID}}) {
      const sys::Fd fd(open(container_.namespace_path(name).c_str(), O_RDONLY | O_CLOEXEC));
      if (setns(fd.get(), flag) != 0) _exit(1);
    }
    if (fork() != 0) {
      pause();
      _exit(0);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) kill(-1, SIGKILL);
  }
  int good = 0;
  const int rounds = test::repetitions(100);
  for (int i = 0; i < rounds; ++i) {
    Parent parent(built("nsexec-true"));
    parent.log_level = 2;
    parent.start();
    parent.send(Message().text(Attribute::kNamespacePaths, paths({"user", "mnt", "pid"})).bytes());
    const std::string line = parent.read_line();
    const test::Status verdict = parent.wait_stage0();
    ASSERT_TRUE(verdict.ended) << "round " << i;
    good += verdict.exited_with(0) ? 1 : 0;
    EXPECT_TRUE(verdict.exited_with(0) ? contains(line, "stage2_pid") : verdict.exited_with(1))
        << verdict;
    ASSERT_TRUE(test::all_gone(built("nsexec-true"))) << "round " << i;
  }
  kill(killer, SIGKILL);
  test::wait_for(killer);
  printf("          %d of %d starts succeeded\n", good, rounds);
}

void limit(int resource, rlim_t value) {
  const struct rlimit both = {value, value};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &both) != 0) _exit(95);
}

TEST_F(HostileTest, FewFdsCauseNoHang) {
  for (rlim_t most = 3; most < 24; ++most) {
    Parent parent(built("nsexec-true"));
    parent.before_exec = [=] { limit(RLIMIT_NOFILE, most); };
    const std::string fatal = end_of(parent, Message()
                                                 .flags(CLONE_NEWUTS | CLONE_NEWUSER)
                                                 .text(Attribute::kUidMap, "0 0 1\n")
                                                 .text(Attribute::kGidMap, "0 0 1\n")
                                                 .bytes());
    EXPECT_TRUE(fatal.empty() || contains(fatal, "EMFILE") || contains(fatal, "EBADF"))
        << most << fatal;
    EXPECT_TRUE(test::all_gone(built("nsexec-true")));
  }
}

TEST_F(HostileTest, FewProcessesCauseNoHang) {
  for (rlim_t most = 0; most < 5; ++most) {
    Parent parent(built("nsexec-true"));
    parent.uid = kNobody;
    parent.before_exec = [=] { limit(RLIMIT_NPROC, most); };
    const std::string fatal = end_of(parent, Message()
                                                 .flags(CLONE_NEWUSER)
                                                 .boolean(Attribute::kRootless, true)
                                                 .text(Attribute::kUidMap, "0 65534 1\n")
                                                 .text(Attribute::kGidMap, "0 65534 1\n")
                                                 .bytes());
    EXPECT_TRUE(fatal.empty() || contains(fatal, "clone stage") || contains(fatal, "EAGAIN"))
        << most << fatal;
    EXPECT_TRUE(test::all_gone(built("nsexec-true")));
  }
}

// A new control group with one controller, in the hierarchy that has the controller.
class ControlGroup {
 public:
  explicit ControlGroup(const std::string& controller) {
    const std::string top = directory_.path();
    mounted_ = mount("cgroup", top.c_str(), "cgroup", 0, controller.c_str()) == 0;
    is_v1_ = mounted_;
    if (!mounted_ && mount("cgroup2", top.c_str(), "cgroup2", 0, nullptr) == 0) {
      mounted_ = true;
      if (!contains(test::read_file(top + "/cgroup.controllers"), controller)) return;
      (void)write(top + "/cgroup.subtree_control", "+" + controller);
    }
    path_ = top + "/nsexec-tests-" + std::to_string(getpid());
    exists_ = mounted_ && mkdir(path_.c_str(), 0755) == 0;
  }
  ~ControlGroup() {
    if (exists_) test::eventually(test::kHangs, [&] { return rmdir(path_.c_str()) == 0; });
    if (mounted_) umount2(directory_.path().c_str(), MNT_DETACH);
  }
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  [[nodiscard]] bool exists() const { return exists_; }
  /// The limit has a different file name in each hierarchy.
  void limit(const std::string& v1, const std::string& v2, long value) const {
    EXPECT_TRUE(write(path_ + "/" + (is_v1_ ? v1 : v2), std::to_string(value))) << value;
  }
  /// Moves this process into the group. Call it in a child.
  void enter() const {
    if (!write(path_ + "/cgroup.procs", "0")) _exit(96);
  }

 private:
  static bool write(const std::string& path, const std::string& text) {
    const sys::Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }

  test::TemporaryDirectory directory_;
  std::string path_;
  bool mounted_ = false;
  bool is_v1_ = false;
  bool exists_ = false;
};

std::string everything() {
  return Message()
      .flags(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS)
      .text(Attribute::kUidMap, "0 0 1\n")
      .text(Attribute::kGidMap, "0 0 1\n")
      .bytes();
}

TEST_F(HostileTest, AControlGroupThatIsFullCausesNoHang) {
  const ControlGroup group("pids");
  if (!group.exists()) GTEST_SKIP() << "no pids controller";
  int refused = 0;
  for (long most = 1; most < 6; ++most) {
    group.limit("pids.max", "pids.max", most);
    Parent parent(built("nsexec-true"));
    parent.before_exec = [&] { group.enter(); };
    const std::string fatal = end_of(parent, everything());
    EXPECT_TRUE(fatal.empty() || contains(fatal, "EAGAIN")) << most << fatal;
    refused += fatal.empty() ? 0 : 1;
    EXPECT_TRUE(test::all_gone(built("nsexec-true")));
  }
  EXPECT_GT(refused, 0);
}

// The kernel kills a process that exceeds the limit, and it may be any of the stages.
TEST_F(HostileTest, AControlGroupWithoutMemoryCausesNoHang) {
  const ControlGroup group("memory");
  if (!group.exists()) GTEST_SKIP() << "no memory controller";
  int good = 0;
  for (const long kilobytes : {64, 128, 192, 256, 384, 512, 768, 1024, 2048, 16384}) {
    group.limit("memory.limit_in_bytes", "memory.max", kilobytes * 1024);
    for (const Sealing sealing : {Sealing::kDetachedMount, Sealing::kMemfd}) {
      const test::TemporaryDirectory directory;
      const std::string program = directory.file("program");
      test::copy_program_sealed_by(built("nsexec-true"), program, {sealing, Sealing::kNone});
      Parent parent(program);
      parent.before_exec = [&] { group.enter(); };
      good += end_of(parent, everything()).empty() ? 1 : 0;
      EXPECT_TRUE(test::all_gone(program)) << kilobytes;
    }
  }
  EXPECT_GT(good, 0);
}

TEST_F(HostileTest, LittleMemoryAndNoFileSizeCauseNoHang) {
  for (const Sealing sealing : test::available()) {
    const test::TemporaryDirectory directory;
    const std::string program = directory.file("program");
    test::copy_program_sealed_by(built("nsexec-true"), program, {sealing});
    for (const rlim_t pages : {8, 24, 48, 64, 96}) {
      Parent parent(program);
      parent.before_exec = [=] {
        limit(RLIMIT_AS, pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)));
      };
      (void)end_of(parent, Message().flags(CLONE_NEWUTS).text(Attribute::kUidMap, "").bytes());
      EXPECT_TRUE(test::all_gone(program));
    }
    Parent parent(program);
    parent.before_exec = [] { limit(RLIMIT_FSIZE, 0); };  // a strategy that copies gets SIGXFSZ
    (void)end_of(parent, Message().flags(CLONE_NEWUTS).bytes());
    EXPECT_TRUE(test::all_gone(program));
  }
}

}  // namespace
