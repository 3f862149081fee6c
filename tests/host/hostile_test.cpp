// A container that is joined does its worst while the stub comes in, and the start itself is given
// next to nothing.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

// How a start ends that has been made hard: well, or with one record; but soon, and with nobody
// left. The record.
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

TEST_F(HostileTest, ProcOfTheContainerIsOfNoConcern) {
  test::run_in_namespaces_of(container_.pid(), [] {
    // Over all of it: nothing of the stub's may go through it once it has joined.
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

TEST_F(HostileTest, NoNamespaceLeftToMakeIsFatalAndNamed) {
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

// Somebody in the container's pid namespace kills all that he can see, all the time.
TEST_F(HostileTest, KillingWhoComesInIsAnEndAndNoHang) {
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
  printf("          %d of %d got through\n", good, rounds);
}

void limit(int resource, rlim_t value) {
  const struct rlimit both = {value, value};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &both) != 0) _exit(95);
}

TEST_F(HostileTest, FewFds) {
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

TEST_F(HostileTest, FewProcesses) {
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

TEST_F(HostileTest, LittleMemoryAndNoFileSize) {
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
    parent.before_exec = [] { limit(RLIMIT_FSIZE, 0); };  // SIGXFSZ for who copies
    (void)end_of(parent, Message().flags(CLONE_NEWUTS).bytes());
    EXPECT_TRUE(test::all_gone(program));
  }
}

}  // namespace
