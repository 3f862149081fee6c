// Tests the sealing strategies, the proof and the ladder on this test program itself, and attacks
// the result as CVE-2019-5736 does. sealed_container_test.cpp and sealing_test.cpp test them
// through the stub.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "stub/seal/ladder.h"
#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "syscalls/errno_names.h"
#include "syscalls/file.h"
#include "syscalls/mount.h"
#include "syscalls/process.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tests/support/support.h"

namespace {

using sys::Fd;
using sys::Result;
using test::contains;

constexpr int kNobody = 65534;

// A job as the stub has it, with arguments and environment of the test.
class FakeJob {
 public:
  FakeJob(std::vector<std::string> arguments, std::vector<std::string> environment,
          const std::vector<unsigned>& order = {})
      : arguments_(std::move(arguments)), environment_(std::move(environment)) {
    std::copy(order.begin(), order.end(), config_.sealing);
    words_.push_back(arguments_.size());
    for (const std::string& text : arguments_) push(text.c_str());
    push(nullptr);
    for (const std::string& text : environment_) push(text.c_str());
    push(nullptr);
    words_.insert(words_.end(), {AT_PAGESZ, 4096, 0, 0});
  }
  stub::Job& job() {
    if (!job_) job_.emplace(stub::InitialStack(words_.data()), config_);
    return *job_;
  }

 private:
  void push(const char* pointer) { words_.push_back(reinterpret_cast<unsigned long>(pointer)); }
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<unsigned long> words_;
  struct nsexec_config config_ {};
  std::optional<stub::Job> job_;
};

Result<Fd> seal_by(unsigned strategy, const stub::Job& job) {
  switch (strategy) {
    case NSEXEC_SEAL_DETACHED_MOUNT:
      return stub::seal::detached_mount(job);
    case NSEXEC_SEAL_CHILD_MOUNT:
      return stub::seal::detached_mount_by_child(job);
    case NSEXEC_SEAL_OVERLAY:
      return stub::seal::overlay(job);
    case NSEXEC_SEAL_BIND_MOUNT:
      return stub::seal::bind_mount(job);
    case NSEXEC_SEAL_REFLINK:
      return stub::seal::reflink(job);
    case NSEXEC_SEAL_MEMFD:
      return stub::seal::memfd(job);
    case NSEXEC_SEAL_TMPFILE:
      return stub::seal::tmpfile(job);
    default:
      return sys::Errno{EOPNOTSUPP};
  }
}

// Executes `fd` as another run of this program, with one of the helpers below.
pid_t execute_helper(int fd, const std::string& helper, const std::string& variable = "X=1") {
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, 1);
  const std::string filter = "--gtest_filter=SealHelper.DISABLED_" + helper;
  const char* const argv[] = {"sealed", "--gtest_also_run_disabled_tests", filter.c_str(), nullptr};
  const char* const environment[] = {variable.c_str(), nullptr};
  (void)sys::execveat(fd, "", argv, environment, AT_EMPTY_PATH);
  _exit(99);
}

// What the sealed program does. DISABLED, because only the tests below run them.
TEST(SealHelper, DISABLED_Waits) {
  for (;;) pause();
}
TEST(SealHelper, DISABLED_IsProvedSealed) {
  const char* set = getenv("_LIBCONTAINER_CLONED_BINARY");
  FakeJob fake({"x"}, {set == nullptr ? "X=1" : "_LIBCONTAINER_CLONED_BINARY=1"});
  EXPECT_NE(nullptr, stub::seal::proof(0, fake.job().environment.cloned_binary));
}
TEST(SealHelper, DISABLED_SealsAsAnOrdinaryUser) {
  FakeJob fake({"x"}, {});
  const Result<Fd> refused = stub::seal::detached_mount(fake.job());
  EXPECT_TRUE(refused.error() == EPERM);
  const Result<Fd> sealed = stub::seal::detached_mount_by_child(fake.job());
  ASSERT_TRUE(sealed) << sys::errno_name(sealed.error());
  EXPECT_TRUE(test::wait_for(
                  execute_helper(sealed.get(), "IsProvedSealed", "_LIBCONTAINER_CLONED_BINARY=1"))
                  .exited_with(0));
}

class StrategyTest : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    before_ = test::read_file("/proc/self/exe");
    const Result<Fd> sealed = seal_by(GetParam(), fake_.job());
    ASSERT_TRUE(sealed) << sys::errno_name(sealed.error());
    fd_ = sealed.value();
  }
  void TearDown() override {
    EXPECT_TRUE(before_.empty() || before_ == test::read_file("/proc/self/exe"))
        << "the host's binary has changed";
  }
  [[nodiscard]] static bool is_mount() { return GetParam() <= NSEXEC_SEAL_BIND_MOUNT; }

  test::TemporaryDirectory state_;
  FakeJob fake_{{"x"}, {"_LIBCONTAINER_STATEDIR=" + state_.path()}};
  std::string before_;
  Fd fd_;
};

TEST_P(StrategyTest, ReturnsAFileThatCanBeExecuted) {
  const pid_t child = execute_helper(fd_.get(), "Waits");
  EXPECT_FALSE(test::wait_for(child, test::Duration(30)).ended);
  kill(child, SIGKILL);
  EXPECT_TRUE(test::wait_for(child).killed_by(SIGKILL));
}

TEST_P(StrategyTest, LeavesNothingInTheStateDirectory) {
  EXPECT_EQ("", test::run_command({"/bin/ls", "-A", state_.path()}).out);
}

TEST_P(StrategyTest, IsProvedSealedByTheProgramItself) {
  const bool needs_variable =
      GetParam() == NSEXEC_SEAL_TMPFILE || GetParam() == NSEXEC_SEAL_OVERLAY ||
      (is_mount() && !test::proves_detached_mounts());  // the kernel cannot tell
  const auto with =
      test::wait_for(execute_helper(fd_.get(), "IsProvedSealed", "_LIBCONTAINER_CLONED_BINARY=1"));
  EXPECT_TRUE(with.exited_with(0)) << with;
  const auto without = test::wait_for(execute_helper(fd_.get(), "IsProvedSealed"));
  EXPECT_TRUE(without.exited_with(needs_variable ? 1 : 0)) << without;
}

// Attacks as root of the host with all capabilities, the most that a container can have.
TEST_P(StrategyTest, WithstandsWritingThroughProcExe) {
  const pid_t child = execute_helper(fd_.get(), "Waits");
  const std::string exe = "/proc/" + std::to_string(child) + "/exe";
  ASSERT_TRUE(test::eventually(test::kHangs, [&] {
    return !contains(test::read_link(exe), "nsexec-tests") ||
           test::read_file("/proc/" + std::to_string(child) + "/cmdline").find("sealed") == 0;
  }));
  EXPECT_FALSE(sys::openat(AT_FDCWD, exe.c_str(), O_WRONLY));
  EXPECT_FALSE(sys::openat(AT_FDCWD, exe.c_str(), O_WRONLY | O_TRUNC));
  const Fd by_path = sys::openat(AT_FDCWD, exe.c_str(), O_PATH).value();
  const Fd by_read = sys::openat(AT_FDCWD, exe.c_str(), O_RDONLY).value();
  kill(child, SIGKILL);
  EXPECT_TRUE(test::wait_for(child).killed_by(SIGKILL));
  for (const int kept : {by_path.get(), by_read.get(), fd_.get()}) {
    const std::string again = test::fd_path(kept);
    const Result<Fd> opened = sys::openat(AT_FDCWD, again.c_str(), O_WRONLY | O_TRUNC);
    if (is_mount()) {
      EXPECT_TRUE(opened.error() == EROFS) << sys::errno_name(opened.error());
    } else if (opened) {
      // A copy may be overwritten, but a memfd may not. TearDown checks the host's binary.
      EXPECT_NE(NSEXEC_SEAL_MEMFD, GetParam());
      (void)sys::write_fully(opened.get(), "overwritten");
      (void)sys::close(opened.get());
    }
  }
}

TEST_P(StrategyTest, WithstandsBeingRemounted) {
  if (!is_mount()) return;  // a copy has no mount that could change
  const test::TemporaryDirectory directory;
  test::write_file(directory.file("target"), "");
  const std::string path = test::fd_path(fd_.get());
  const pid_t child = fork();
  if (child == 0) {
    bool good = unshare(CLONE_NEWNS) == 0 &&
                mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    sys::MountAttributes writable;
    writable.clear = MOUNT_ATTR_RDONLY;
    const std::string target_text = directory.file("target");
    const char* target = target_text.c_str();
    good = good && !sys::mount_setattr(AT_FDCWD, path.c_str(), 0, writable);
    good = good && !sys::mount_setattr(fd_.get(), "", AT_EMPTY_PATH, writable);
    good = good && !sys::open_tree(fd_.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
    good = good && !sys::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE);
    good = good && !sys::move_mount(fd_.get(), "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
    good = good && mount(path.c_str(), target, nullptr, MS_BIND, nullptr) != 0;
    good = good && mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr) != 0;
    // With O_TRUNC the kernel checks the mount (EROFS) before it notices that the file is being
    // executed (ETXTBSY).
    good = good && sys::openat(AT_FDCWD, path.c_str(), O_WRONLY | O_TRUNC).error() == EROFS;
    _exit(good ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child).exited_with(0));
}

TEST_P(StrategyTest, LeavesTheHostsMountTableAlone) {
  const Fd table = sys::openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY).value();
  struct pollfd entry = {table.get(), POLLPRI, 0};
  poll(&entry, 1, 0);  // ignores earlier changes
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Fd(seal_by(GetParam(), fake_.job()).value()).is_open());
  EXPECT_EQ(0, poll(&entry, 1, 0)) << "the mount table has changed";
}

// The strategies of this kernel.
const std::vector<unsigned> kAllStrategies = [] {
  std::vector<unsigned> all;
  for (const test::Sealing sealing : test::available()) {
    all.push_back(static_cast<unsigned>(sealing));
  }
  return all;
}();

std::string name_of(const testing::TestParamInfo<unsigned>& each) {
  constexpr const char* kNames[] = {"",        "detached_mount", "child_mount",
                                    "overlay", "bind_mount",     "reflink",
                                    "memfd",   "tmpfile",        "unlinked_file"};
  return kNames[static_cast<int>(each.param)];
}

INSTANTIATE_TEST_SUITE_P(All, StrategyTest, testing::ValuesIn(kAllStrategies), name_of);

// The controls: the attacks work if the binary is not sealed, or sealed wrongly.
TEST(SealControl, AnUnsealedBinaryIsOverwritten) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  const std::string scratch = directory.file("scratch");
  test::copy_program(test::built("tests/nsexec-tests"), scratch);
  const Fd binary = sys::openat(AT_FDCWD, scratch.c_str(), O_PATH).value();
  const pid_t child = execute_helper(binary.get(), "Waits");
  const std::string exe = "/proc/" + std::to_string(child) + "/exe";
  ASSERT_TRUE(test::eventually(test::kHangs, [&] { return test::read_link(exe) == scratch; }));
  const Fd kept = sys::openat(AT_FDCWD, exe.c_str(), O_PATH).value();
  kill(child, SIGKILL);
  EXPECT_TRUE(test::wait_for(child).killed_by(SIGKILL));
  const std::string again = test::fd_path(kept.get());
  const Result<Fd> opened = sys::openat(AT_FDCWD, again.c_str(), O_WRONLY | O_TRUNC);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(sys::write_fully(opened.get(), "owned"));
  (void)sys::close(opened.get());
  EXPECT_EQ("owned", test::read_file(scratch));
}

TEST(SealControl, ADetachedMountWhoseTreeStaysOpenIsMadeWritableAgain) {
  REQUIRE_ROOT();
  REQUIRE_MOUNT_SETATTR();
  const Result<Fd> tree = sys::open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE);
  ASSERT_TRUE(tree);
  sys::MountAttributes read_only;
  read_only.set = MOUNT_ATTR_RDONLY;
  ASSERT_TRUE(sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, read_only));
  const Fd reopened = stub::seal::reopen(tree.get()).value();
  const std::string path = test::fd_path(reopened.get());
  sys::MountAttributes writable;
  writable.clear = MOUNT_ATTR_RDONLY;
  EXPECT_TRUE(sys::mount_setattr(AT_FDCWD, path.c_str(), 0, writable))
      << "the control: the attack works";
  (void)sys::mount_setattr(AT_FDCWD, path.c_str(), 0, read_only);
  (void)sys::close(tree.get());
  EXPECT_FALSE(sys::mount_setattr(AT_FDCWD, path.c_str(), 0, writable))
      << "the attack must fail once the tree is closed";
}

TEST(SealProof, DoesNotAcceptTheVariableAlone) {
  FakeJob fake({"x"}, {"_LIBCONTAINER_CLONED_BINARY=1"});
  EXPECT_EQ(nullptr, stub::seal::proof(0, fake.job().environment.cloned_binary));
}

TEST(SealProof, DoesNotAcceptAnOrdinaryReadOnlyMount) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  const pid_t child = fork();
  if (child == 0) {
    const std::string program = directory.file("nsexec-tests");
    bool good = unshare(CLONE_NEWNS) == 0 &&
                mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                mount("none", directory.path().c_str(), "tmpfs", 0, nullptr) == 0;
    test::copy_program("/proc/self/exe", program);
    good = good && mount(nullptr, directory.path().c_str(), nullptr,
                         MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
    const Fd binary = sys::openat(AT_FDCWD, program.c_str(), O_PATH).value();
    const auto status = test::wait_for(
        execute_helper(binary.get(), "IsProvedSealed", "_LIBCONTAINER_CLONED_BINARY=1"));
    // The proof must not have made the mount writable.
    good = good && sys::openat(AT_FDCWD, program.c_str(), O_WRONLY).error() == EROFS;
    _exit(good && status.exited_with(1) ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child).exited_with(0));
}

TEST(SealChildMount, WorksForAnOrdinaryUser) {
  REQUIRE_ROOT();
  REQUIRE_MOUNT_SETATTR();
  const test::TemporaryDirectory directory;
  const std::string program = directory.file("nsexec-tests");
  test::copy_program(test::built("tests/nsexec-tests"), program);
  const test::Outcome outcome =
      test::run_command({program, "--gtest_also_run_disabled_tests",
                         "--gtest_filter=SealHelper.DISABLED_SealsAsAnOrdinaryUser"},
                        {.uid = kNobody, .environment = {}});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.out;
}

// Runs the ladder in a child. The ladder executes the child again as the helper IsProvedSealed.
test::Status climb(
    const std::vector<unsigned>& order, const std::string& state_directory,
    const std::function<void()>& before = [] {}, std::string* said = nullptr) {
  int err[2];
  EXPECT_EQ(0, pipe2(err, O_CLOEXEC));
  const pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 1);
    dup2(err[1], 2);
    FakeJob fake({"sealed", "--gtest_also_run_disabled_tests",
                  "--gtest_filter=SealHelper.DISABLED_IsProvedSealed"},
                 {"_LIBCONTAINER_STATEDIR=" + state_directory}, order);
    before();
    stub::Ladder(fake.job()).run();
    _exit(77);  // reached only if it runs unsealed
  }
  close(err[1]);
  const test::Status status = test::wait_for(child);
  char buffer[4096];
  const ssize_t size = read(err[0], buffer, sizeof buffer);
  if (said != nullptr) said->assign(buffer, size > 0 ? static_cast<size_t>(size) : 0);
  close(err[0]);
  return status;
}

TEST(SealLadder, ExecutesTheProgramAgainSealed) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory state;
  EXPECT_TRUE(climb(kAllStrategies, state.path()).exited_with(0));
  for (const unsigned strategy : kAllStrategies) {
    EXPECT_TRUE(climb({strategy}, state.path()).exited_with(0)) << static_cast<int>(strategy);
  }
}

TEST(SealLadder, TakesTheNextIfTheKernelRefusesOne) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory state;
  for (const int number : {__NR_open_tree, __NR_mount_setattr, __NR_fsopen, __NR_memfd_create}) {
    for (const int error : {ENOSYS, EPERM, EINVAL}) {
      test::AnsweredCall call(number, [&](int /*count*/) { return error; });
      EXPECT_TRUE(climb({NSEXEC_SEAL_DETACHED_MOUNT, NSEXEC_SEAL_OVERLAY, NSEXEC_SEAL_MEMFD,
                         NSEXEC_SEAL_TMPFILE},
                        state.path(), [&] { call.install(); })
                      .ended);
    }
  }
}

TEST(SealLadder, FailsWithTheErrnoOfEach) {
  REQUIRE_ROOT();
  std::string said;
  EXPECT_TRUE(climb(
                  {NSEXEC_SEAL_TMPFILE, NSEXEC_SEAL_UNLINKED_FILE}, "/nonexistent", [] {}, &said)
                  .exited_with(1));
  EXPECT_TRUE(contains(said, "seal /proc/self/exe: tmpfile ENOENT unlinked-file EOPNOTSUPP"))
      << said;
}

TEST(SealLadder, RunsUnsealedOnlyIfToldTo) {
  EXPECT_TRUE(climb({NSEXEC_SEAL_TMPFILE, NSEXEC_SEAL_NONE}, "/nonexistent").exited_with(77));
}

TEST(SealLadder, SkipsAStateDirectoryMountedNoexec) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory state;
  const auto make_noexec = [&] {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", state.path().c_str(), "tmpfs", MS_NOEXEC, nullptr) != 0) {
      _exit(66);
    }
  };
  EXPECT_TRUE(
      climb({NSEXEC_SEAL_TMPFILE, NSEXEC_SEAL_MEMFD}, state.path(), make_noexec).exited_with(0));
  std::string said;
  EXPECT_TRUE(climb({NSEXEC_SEAL_TMPFILE}, state.path(), make_noexec, &said).exited_with(1));
  EXPECT_TRUE(contains(said, "tmpfile EACCES")) << said;
}

}  // namespace
