// Which strategy seals the binary, where; what that costs the host; and what is left behind.
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <thread>

#include "syscalls/file.h"
#include "syscalls/mount.h"
#include "tests/support/memory_group.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using sys::Fd;
using test::built;
using test::contains;
using test::MemoryGroup;
using test::Message;
using test::name_of;
using test::Parent;
using test::Pids;
using test::Sealing;
using std::chrono_literals::operator""s;
using Order = std::vector<Sealing>;

constexpr int kNobody = 65534;
const Order kDefault;
const Order kAll = {Sealing::kDetachedMount, Sealing::kChildMount, Sealing::kOverlay,
                    Sealing::kBindMount,     Sealing::kReflink,    Sealing::kMemfd,
                    Sealing::kTmpfile};

// All from this one on.
Order from(Sealing first) { return {std::find(kAll.begin(), kAll.end(), first), kAll.end()}; }

using Prepare = std::function<void(Parent&)>;

class SealingTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
  // Starts a container whose binary is sealed by that list, and gives its log. `good`: whether it
  // came to be.
  std::string start(
      const Order& order, const Prepare& setup = [](Parent&) {}, bool good = true) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, order);
    return start_as_it_is(setup, good);
  }
  std::string start_as_it_is(
      const Prepare& setup = [](Parent&) {}, bool good = true) {
    Parent parent(binary_);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    setup(parent);
    parent.start();
    parent.send(message_.bytes());
    EXPECT_TRUE(parent.wait_stage0(10s).exited_with(good ? 0 : 1)) << parent.log();
    return parent.log();
  }
  // Which one did it in the end.
  std::string taken(
      const Order& order, const Prepare& setup = [](Parent&) {}) {
    return test::sealing_in(start(order, setup));
  }
  // A mount namespace of the child's own, before it executes.
  static void own_mounts() {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      _exit(66);
    }
  }

  // What an ordinary user may have: a user namespace in which he is root.
  static void as_nobody(Parent& parent) { parent.uid = kNobody; }
  void ask_for_users_container() {
    message_.flags(CLONE_NEWUSER)
        .boolean(Attribute::kRootless, true)
        .text(Attribute::kUidMap, "0 65534 1\n")
        .text(Attribute::kGidMap, "0 65534 1\n");
  }

  Message message_;
  bool good_ = true;
  const test::TemporaryDirectory directory_;
  const test::TemporaryDirectory state_;
  std::string binary_ = directory_.file("binary");
};

TEST_F(SealingTest, TriesInTheOrderOfTheList) {
  EXPECT_EQ(test::usual(), taken(kDefault));
  for (const Sealing sealing : test::available()) {
    EXPECT_EQ(name_of(sealing, false), taken({sealing}));
    EXPECT_EQ(name_of(sealing, false), taken({sealing, Sealing::kNone}));
  }
  EXPECT_EQ("none", taken({Sealing::kNone}));
}

TEST_F(SealingTest, HappensOnce) {
  const std::string log = start(kDefault);
  EXPECT_EQ(test::usual(), test::tried_in(log).back()) << log;
  EXPECT_TRUE(contains(log, "sealed: detached-mount")) << log;
}

// For each call that a strategy needs and the flow does not: without it the next one is taken.
TEST_F(SealingTest, TakesTheNextWhereACallIsRefused) {
  struct Case {
    Order order;
    std::vector<long> calls;
    Sealing next;
  };
  const Case cases[] = {
      {kDefault, {SYS_open_tree}, Sealing::kOverlay},
      {kDefault, {SYS_mount_setattr}, Sealing::kOverlay},
      {from(Sealing::kChildMount), {SYS_unshare}, Sealing::kOverlay},
      {from(Sealing::kOverlay), {SYS_fsopen}, Sealing::kBindMount},
      {from(Sealing::kOverlay), {SYS_fsconfig}, Sealing::kBindMount},
      {from(Sealing::kOverlay), {SYS_fsmount}, Sealing::kBindMount},
      {kDefault, {SYS_open_tree, SYS_fsopen}, Sealing::kBindMount},
      {from(Sealing::kBindMount), {SYS_mount, SYS_ioctl}, Sealing::kMemfd},
      {from(Sealing::kMemfd), {SYS_memfd_create}, Sealing::kTmpfile},
  };
  for (const Case& each : cases) {
    for (const int error : {ENOSYS, EPERM, EINVAL}) {
      const std::string log = start(each.order, [&](Parent& parent) {
        parent.before_exec = [&] { test::refuse_calls(each.calls, error); };
      });
      EXPECT_EQ(name_of(each.next, false), test::sealing_in(log)) << each.calls[0] << " " << error;
      EXPECT_FALSE(contains(log, "fatal"));
    }
  }
}

// Where nothing is left to take, the record says why not, for each.
TEST_F(SealingTest, FailsWithTheErrnoOfEachWhereNoneWorks) {
  struct Case {
    Order order;
    std::vector<long> calls;
    std::string record;
  };
  const Case cases[] = {
      {{Sealing::kDetachedMount}, {SYS_open_tree}, "seal /proc/self/exe: detached-mount ENOSYS"},
      {kDefault, {SYS_open_tree, SYS_fsopen, SYS_mount, SYS_ioctl, SYS_sendfile}, ""},
      // Without seals a memfd is nothing.
      {{Sealing::kMemfd}, {arch::kFcntl}, "seal /proc/self/exe: memfd ENOSYS"},
      {{Sealing::kMemfd, Sealing::kTmpfile},
       {SYS_fchmod},
       "seal /proc/self/exe: memfd ENOSYS tmpfile ENOSYS"},
      // Nobody can be kept from a file while it has a name: docs/sealing.md.
      {{Sealing::kUnlinkedFile}, {}, "seal /proc/self/exe: unlinked-file EOPNOTSUPP"},
  };
  for (const Case& each : cases) {
    const std::string log = start(
        each.order,
        [&](Parent& parent) {
          parent.before_exec = [&] { test::refuse_calls(each.calls, ENOSYS); };
        },
        false);
    if (!each.record.empty()) {
      EXPECT_TRUE(contains(log, each.record)) << log;
      continue;
    }
    for (const Sealing sealing : kAll) {
      EXPECT_TRUE(contains(log, " " + name_of(sealing, false) + " E")) << log;
    }
  }
  EXPECT_EQ("", test::run_command({"/bin/ls", "-A", state_.path()}).out);
}

// ENOTTY would mean that the kernel does not know the call: its number is not the same on all
// machines.
TEST_F(SealingTest, AReflinkFailsBecauseOfTheFileSystemAndNotOfTheCall) {
  if (test::has_reflinks(directory_.path())) GTEST_SKIP() << "this file system has reflinks";
  const std::string log = start(
      {Sealing::kReflink}, [](Parent& /*parent*/) {}, false);
  EXPECT_TRUE(contains(log, "seal /proc/self/exe: reflink EOPNOTSUPP")) << log;
}

TEST_F(SealingTest, FailsWhereNothingCanBeExecuted) {
  // The first one is the test's own.
  test::AnsweredCall call(SYS_execve, [](int count) { return count == 0 ? 0 : EACCES; });
  const std::string log = start(
      kDefault,
      [&](Parent& parent) {
        parent.before_exec = [&] {
          call.install();
          test::refuse_calls({SYS_execveat}, EACCES);
        };
      },
      false);
  for (const Sealing sealing : kAll) {
    EXPECT_TRUE(contains(log, " " + name_of(sealing, false) + " E")) << log;
  }
}

// As TOMOYO does where there is no /dev/fd, and kernels before Linux 3.19.
TEST_F(SealingTest, ExecutesByThePathWhereTheFdCannotBe) {
  for (const int error : {ENOENT, ENOSYS, EPERM}) {
    for (const Sealing sealing : test::available()) {
      EXPECT_EQ(name_of(sealing, false), taken({sealing}, [&](Parent& parent) {
                  parent.before_exec = [error] { test::refuse_calls({SYS_execveat}, error); };
                }));
    }
  }
}

// Made private, bound, made read-only: three calls, of which each may be refused.
TEST_F(SealingTest, ABindMountThatIsNotMadeReadOnlyIsNoSeal) {
  for (int refused = 0; refused < 3; ++refused) {
    test::AnsweredCall call(SYS_mount, [&](int count) { return count == refused ? EPERM : 0; });
    const std::string log = start(
        {Sealing::kBindMount},
        [&](Parent& parent) { parent.before_exec = [&] { call.install(); }; }, false);
    EXPECT_TRUE(contains(log, "seal /proc/self/exe: bind-mount EPERM")) << refused << log;
  }
}

TEST_F(SealingTest, RunsUnsealedOnlyIfTheListSaysSo) {
  const Prepare no_directory = [](Parent& parent) {
    parent.environment["_LIBCONTAINER_STATEDIR"] = "/nonexistent";
  };
  EXPECT_EQ("none", taken({Sealing::kTmpfile, Sealing::kNone}, no_directory));
  EXPECT_TRUE(contains(start({Sealing::kTmpfile}, no_directory, false),
                       "seal /proc/self/exe: tmpfile ENOENT"));
}

TEST_F(SealingTest, IgnoresTheVariable) {
  // Set by somebody who is not the stub: no proof, and no second execution either.
  const std::string log = start(
      kDefault, [](Parent& parent) { parent.environment["_LIBCONTAINER_CLONED_BINARY"] = "1"; },
      false);
  EXPECT_TRUE(contains(log, "seal /proc/self/exe: detached-mount ELOOP")) << log;
}

// Those that find the binary by its name: somebody has put another file there meanwhile.
TEST_F(SealingTest, SealsNoOtherFileThatHasTakenTheBinarysPlace) {
  const std::map<Sealing, int> moments = {{Sealing::kChildMount, SYS_unshare},
                                          {Sealing::kOverlay, SYS_fsopen},
                                          {Sealing::kBindMount, SYS_unshare}};
  const std::string other = binary_ + ".other";
  for (const Sealing sealing : test::available()) {
    const auto moment = moments.find(sealing);
    if (moment == moments.end()) continue;
    test::copy_program(built("nsreport"), other);
    bool replaced = false;
    test::Supervisor supervisor([&](const test::SupervisedCall& call) {
      if (call.number == moment->second && !replaced) {
        replaced = rename(other.c_str(), binary_.c_str()) == 0;
      }
      return test::Verdict{};
    });
    const std::string log = start(
        {sealing}, [&](Parent& parent) { parent.before_exec = [&] { supervisor.install(); }; },
        false);
    (void)supervisor.finish();
    EXPECT_TRUE(replaced) << log;
    EXPECT_TRUE(contains(log, name_of(sealing, false) + " ESTALE")) << log;
  }
}

// STATEDIR, for those that need it.
TEST_F(SealingTest, CopesWithAnyStateDirectory) {
  const auto on_tmpfs = [&](unsigned long flags, const char* options) {
    return [this, flags, options](Parent& parent) {
      parent.before_exec = [this, flags, options] {
        own_mounts();
        if (mount("none", state_.path().c_str(), "tmpfs", flags, options) != 0) _exit(66);
      };
    };
  };
  const Prepare missing = [](Parent& parent) {
    parent.environment["_LIBCONTAINER_STATEDIR"] = "/nonexistent/directory";
  };
  const struct {
    const char* name;
    Prepare setup;
    const char* copies;  // the errno of tmpfile
    bool overlay;        // whether the directory will do as a layer
  } cases[] = {
      {"missing", missing, "ENOENT", false},
      {"read-only", on_tmpfs(MS_RDONLY, ""), "EROFS", true},
      {"noexec", on_tmpfs(MS_NOEXEC, ""), "EACCES", true},
      {"full", on_tmpfs(0, "size=4k"), "ENOSPC", true},
  };
  for (const auto& each : cases) {
    if (test::has_mount_setattr()) {
      EXPECT_EQ("detached-mount", taken(kDefault, each.setup)) << each.name;
    }
    EXPECT_EQ("memfd", taken({Sealing::kTmpfile, Sealing::kMemfd}, each.setup)) << each.name;
    const std::string log = start({Sealing::kTmpfile}, each.setup, false);
    EXPECT_TRUE(contains(log, std::string("tmpfile ") + each.copies)) << each.name << log;
    EXPECT_EQ(each.overlay ? "overlay" : "memfd",
              taken({Sealing::kOverlay, Sealing::kMemfd}, each.setup))
        << each.name;
  }
}

TEST_F(SealingTest, WithoutMemfdsThatMayExecuteTakesAFile) {
  // vm.memfd_noexec belongs to a pid namespace (Linux 6.3).
  const std::string sysctl = "/proc/sys/vm/memfd_noexec";
  if (!test::exists(sysctl)) GTEST_SKIP() << "this kernel has no vm.memfd_noexec";
  test::copy_program_sealed_by(built("tests/probe"), binary_, {Sealing::kMemfd, Sealing::kTmpfile});
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWPID) != 0) _exit(66);
    const pid_t inner = fork();
    if (inner == 0) {
      own_mounts();
      if (mount("proc", "/proc", "proc", 0, nullptr) != 0) _exit(67);
      test::write_file(sysctl, "2");
      const std::string log = start_as_it_is();
      _exit(test::sealing_in(log) == "tmpfile" ? 0 : 1);
    }
    _exit(test::wait_for(inner, 10s).exited_with(0) ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0));
}

// The binary, wherever it lies.
class BinaryTest : public SealingTest {
 protected:
  // What the default order takes for a binary that `prepare` has put somewhere in the child's own
  // mount namespace; it gives the path to execute.
  std::string taken_at(
      const std::function<std::string()>& prepare, Order order = {},
      const Prepare& more = [](Parent&) {}) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, order);
    const std::string result = directory_.file("result");
    const pid_t child = fork();
    if (child == 0) {
      own_mounts();
      binary_ = prepare();
      test::write_file(result, test::sealing_in(start_as_it_is(more, good_)));
      _exit(testing::Test::HasFailure() ? 1 : 0);
    }
    EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0));
    return test::read_file(result);
  }
};

TEST_F(BinaryTest, OnTmpfs) {
  for (const Sealing sealing : test::available()) {
    EXPECT_EQ(name_of(sealing, false), taken_at(
                                           [&] {
                                             const std::string place = directory_.file("place");
                                             mkdir(place.c_str(), 0755);
                                             mount("none", place.c_str(), "tmpfs", 0, nullptr);
                                             test::copy_program(binary_, place + "/program");
                                             return place + "/program";
                                           },
                                           {sealing}));
  }
}

TEST_F(BinaryTest, OnAnOverlay) {
  const auto prepare = [&] {
    const std::string place = directory_.file("overlay");
    for (const char* name : {"", "/lower", "/upper", "/work", "/merged"}) {
      mkdir((place + name).c_str(), 0755);
    }
    test::copy_program(binary_, place + "/lower/program");
    // ext4 and tmpfs both will do as an upper layer.
    const std::string options =
        "lowerdir=" + place + "/lower,upperdir=" + place + "/upper,workdir=" + place + "/work";
    EXPECT_EQ(0, mount("overlay", (place + "/merged").c_str(), "overlay", 0, options.c_str()));
    return place + "/merged/program";
  };
  EXPECT_EQ(test::usual(), taken_at(prepare));
  EXPECT_EQ("overlay", taken_at(prepare, {Sealing::kOverlay, Sealing::kMemfd}));
}

// On file systems that can only be read.
class MediumTest : public BinaryTest {
 protected:
  // Calls `test` for each of them that this kernel has, with the directory that it is mounted on.
  void for_each(const std::function<void(const std::string& place)>& test) const {
    int tried = 0;
    for (const char* type : test::kMedia) {
      SCOPED_TRACE(type);
      const std::string place = directory_.file(type);
      ASSERT_EQ(0, mkdir(place.c_str(), 0755));
      const std::string wrong = test::mount_medium(type, place);
      if (!wrong.empty()) {
        printf("          %s", wrong.c_str());
        fflush(stdout);
        continue;
      }
      ++tried;
      test(place);
      EXPECT_EQ(0, umount2(place.c_str(), MNT_DETACH));
    }
    if (tried == 0) GTEST_SKIP() << "no such file system can be mounted here";
  }
};

// Nobody can write there, so the first execution is the only one.
TEST_F(MediumTest, IsSealedAlready) {
  for_each([&](const std::string& place) {
    EXPECT_EQ("already read-only medium", taken_at([&] { return place + "/probe"; }));
  });
}

// The program that is written to there would be a copy.
TEST_F(MediumTest, ThroughAnOverlayItIsSealedAsUsual) {
  for_each([&](const std::string& place) {
    const auto over = [&] {
      const std::string upper = directory_.file("overlay");
      mkdir(upper.c_str(), 0755);
      EXPECT_EQ(0, mount("none", upper.c_str(), "tmpfs", 0, nullptr));
      for (const char* name : {"/upper", "/work", "/merged"}) mkdir((upper + name).c_str(), 0755);
      const std::string options =
          "lowerdir=" + place + ",upperdir=" + upper + "/upper,workdir=" + upper + "/work";
      EXPECT_EQ(0, mount("overlay", (upper + "/merged").c_str(), "overlay", 0, options.c_str()));
      return upper + "/merged/probe";
    };
    EXPECT_EQ(test::usual(), taken_at(over));
  });
}

// A list that begins with a copy or an overlay asks for what a mount of the host's file does not
// give.
TEST_F(MediumTest, AListThatWantsNoMountOfTheHostsFileIsFollowed) {
  if (!test::exists("/usr/bin/mksquashfs")) GTEST_SKIP() << "there is no mksquashfs";
  const std::string image = directory_.file("image");
  const std::string place = directory_.file("place");
  const std::string content = directory_.file("content");
  mkdir(place.c_str(), 0755);
  mkdir(content.c_str(), 0755);
  for (const auto& [order, wanted] : std::map<Order, std::string>{
           {{Sealing::kMemfd}, "memfd"},
           {{Sealing::kOverlay, Sealing::kMemfd}, "overlay"},
           {{Sealing::kChildMount, Sealing::kMemfd}, "already read-only medium"},
           {{Sealing::kNone}, "none"}}) {
    test::copy_program_sealed_by(built("tests/probe"), content + "/probe", order);
    ASSERT_TRUE(test::run_command({"/usr/bin/mksquashfs", content, image, "-noappend", "-quiet"})
                    .status.exited_with(0));
    ASSERT_TRUE(
        test::run_command({"/bin/mount", "-o", "ro,loop", image, place}).status.exited_with(0));
    binary_ = place + "/probe";
    EXPECT_EQ(wanted, test::sealing_in(start_as_it_is()));
    EXPECT_EQ(0, umount2(place.c_str(), MNT_DETACH));
  }
}

TEST_F(MediumTest, NsrunSaysSoAndIsNotExecutedOnceMore) {
  for_each([&](const std::string& place) {
    for (const int uid : {0, kNobody}) {
      const auto sealed = [&](const test::Arguments& options) {
        test::Arguments command = {place + "/nsrun", "--report"};
        command.insert(command.end(), options.begin(), options.end());
        command.push_back(built("nsreport"));
        const auto outcome = test::run_command(command, {.uid = uid, .environment = {}});
        return test::parse_report(outcome.out)["exe_sealed"] + outcome.err;
      };
      EXPECT_EQ("yes (read-only medium)", sealed({})) << uid;
      EXPECT_EQ("yes (memfd)", sealed({"--seal", "memfd"})) << uid;
      EXPECT_EQ("no", sealed({"--seal", "none"}).substr(0, 2)) << uid;
    }
    int executions = 0;
    test::Supervisor supervisor([&](const test::SupervisedCall& call) {
      if (call.process == 0 && test::executes(call)) ++executions;
      return test::Verdict{};
    });
    const auto outcome = test::run_command(
        {place + "/nsrun", "--", built("nsreport")},
        {.uid = 0, .environment = {}, .before_exec = [&] { supervisor.install(); }});
    (void)supervisor.finish();
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
    EXPECT_EQ(1, executions) << "of the process that nsrun was started in";
  });
}

// A file that fs-verity protects, for embedders that choose it.
class VerityTest : public BinaryTest {
 protected:
  void SetUp() override {
    BinaryTest::SetUp();
    if (IsSkipped()) return;
    place_ = directory_.file("verity");
    ASSERT_EQ(0, mkdir(place_.c_str(), 0755));
    const std::string wrong = test::mount_verity(place_);
    if (!wrong.empty()) GTEST_SKIP() << "no ext4 with fs-verity here: " << wrong;
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) {
      EXPECT_EQ(0, umount2(place_.c_str(), MNT_DETACH));
    }
    BinaryTest::TearDown();
  }
  // Puts a program with this order there. Returns whether it has fs-verity now.
  [[nodiscard]] bool protect(const Order& order) {
    binary_ = place_ + "/program";
    unlink(binary_.c_str());
    test::copy_program_sealed_by(built("tests/probe"), binary_, order);
    const int error = test::enable_verity(binary_);
    // Pages of 64 KiB and blocks of 4 KiB: Linux 6.3.
    const bool unknown = error == EOPNOTSUPP || error == ENOTTY || error == EINVAL;
    EXPECT_TRUE(error == 0 || unknown) << strerror(error);
    return error == 0;
  }

  std::string place_;
  bool mounted_ = false;
};

TEST_F(VerityTest, IsFollowedWhereTheListHasIt) {
  if (!protect({Sealing::kVerity})) GTEST_SKIP() << "this kernel has no fs-verity";
  EXPECT_EQ("verity", test::sealing_in(start_as_it_is()));
  ASSERT_TRUE(protect({Sealing::kOverlay, Sealing::kVerity, Sealing::kNone}));
  const auto no_overlay = [](Parent& parent) {
    parent.before_exec = [] { test::refuse_calls({SYS_fsopen}, EPERM); };
  };
  EXPECT_EQ("verity", test::sealing_in(start_as_it_is(no_overlay)));
  // It is not in these.
  ASSERT_TRUE(protect({}));
  EXPECT_EQ(test::usual(), test::sealing_in(start_as_it_is()));
  ASSERT_TRUE(protect({Sealing::kMemfd}));
  EXPECT_EQ("memfd", test::sealing_in(start_as_it_is()));
}

// Writing to a file of an overlay makes a copy, and then that is what the path leads to.
TEST_F(VerityTest, ThroughAnOverlayDoesNotCount) {
  if (!protect({Sealing::kVerity, Sealing::kMemfd})) GTEST_SKIP() << "no fs-verity";
  const std::string upper = directory_.file("overlay");
  ASSERT_EQ(0, mkdir(upper.c_str(), 0755));
  ASSERT_EQ(0, mount("none", upper.c_str(), "tmpfs", 0, nullptr));
  for (const char* name : {"/upper", "/work", "/merged"}) mkdir((upper + name).c_str(), 0755);
  const std::string options =
      "lowerdir=" + place_ + ",upperdir=" + upper + "/upper,workdir=" + upper + "/work";
  ASSERT_EQ(0, mount("overlay", (upper + "/merged").c_str(), "overlay", 0, options.c_str()));
  binary_ = upper + "/merged/program";
  EXPECT_EQ("memfd", test::sealing_in(start_as_it_is()));
  EXPECT_EQ(0, umount2((upper + "/merged").c_str(), MNT_DETACH));
  EXPECT_EQ(0, umount2(upper.c_str(), MNT_DETACH));
}

// On any kernel.
TEST_F(BinaryTest, WithoutVerityTheListGoesOn) {
  test::copy_program_sealed_by(built("tests/probe"), binary_, {Sealing::kVerity, Sealing::kMemfd});
  EXPECT_EQ("memfd", test::sealing_in(start_as_it_is()));
  test::copy_program_sealed_by(built("tests/probe"), binary_, {Sealing::kVerity});
  const std::string log = start_as_it_is([](Parent& /*parent*/) {}, false);
  EXPECT_TRUE(contains(log, "seal /proc/self/exe: verity EOPNOTSUPP")) << log;
}

// A memfd with all seals, which its parent has made, is as good.
TEST_F(BinaryTest, VerityIsContentWithASealedMemfd) {
  EXPECT_EQ("already memfd", taken_at(
                                 [&] {
                                   const int copy = memfd_create("copy", MFD_ALLOW_SEALING);
                                   const std::string bytes = test::read_file(binary_);
                                   EXPECT_EQ(static_cast<ssize_t>(bytes.size()),
                                             write(copy, bytes.data(), bytes.size()));
                                   EXPECT_EQ(0, fcntl(copy, F_ADD_SEALS, 15));
                                   return test::fd_path(copy);
                                 },
                                 {Sealing::kVerity}));
}

// A mistake in an embedder's list must not let the binary run unsealed.
TEST_F(BinaryTest, AnUnknownNumberInTheListIsNoSeal) {
  for (const unsigned char number : {11, 77, 255}) {
    const auto unknown = static_cast<Sealing>(number);
    test::copy_program_sealed_by(built("tests/probe"), binary_, {unknown});
    const std::string log = start_as_it_is([](Parent& /*parent*/) {}, false);
    EXPECT_TRUE(contains(log, "seal /proc/self/exe: unlinked-file EOPNOTSUPP")) << log;
    test::copy_program_sealed_by(built("tests/probe"), binary_, {unknown, Sealing::kMemfd});
    EXPECT_EQ("memfd", test::sealing_in(start_as_it_is()));
  }
}

TEST_F(BinaryTest, OnAReadOnlyMountIsSealedAllTheSame) {
  const auto prepare = [&] {
    EXPECT_EQ(
        0, mount(directory_.path().c_str(), directory_.path().c_str(), nullptr, MS_BIND, nullptr));
    mkdir(directory_.file("d").c_str(), 0755);
    EXPECT_EQ(0, mount(nullptr, directory_.path().c_str(), nullptr,
                       MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr));
    return binary_;
  };
  const test::TemporaryDirectory results;
  test::copy_program_sealed_by(built("tests/probe"), binary_, {});
  const pid_t child = fork();
  if (child == 0) {
    own_mounts();
    prepare();
    const std::string log = start_as_it_is();
    _exit(test::sealing_in(log) == test::usual() ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0));
}

// A read-only mount of a namespace that is not ours is in no table of ours either.
// While that namespace lives it can be made writable there, and afterwards by way of its
// superblock.
TEST_F(BinaryTest, OnAReadOnlyMountOfAnotherNamespaceIsSealedAllTheSame) {
  for (const bool alive : {true, false}) {
    const auto prepare = [&] {
      const std::string place = directory_.file("place");
      mkdir(place.c_str(), 0755);
      EXPECT_EQ(0, mount("none", place.c_str(), "tmpfs", 0, nullptr));
      test::copy_program(binary_, place + "/program");
      EXPECT_EQ(0, mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr));
      const int there = open((place + "/program").c_str(), O_PATH);
      if (alive) (void)open("/proc/self/ns/mnt", O_RDONLY);
      EXPECT_EQ(0, unshare(CLONE_NEWNS));
      return test::fd_path(there);
    };
    EXPECT_EQ("memfd", taken_at(prepare, {Sealing::kMemfd}));
  }
}

// While its tree is open anybody may make it writable again, whatever the variable says.
TEST_F(BinaryTest, FromADetachedMountWhoseTreeIsOpen) {
  REQUIRE_MOUNT_SETATTR();
  const auto prepare = [&] {
    const int tree =
        static_cast<int>(sys::open_tree(AT_FDCWD, binary_.c_str(), OPEN_TREE_CLONE).release());
    EXPECT_TRUE(sys::mount_setattr(tree, "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY}));
    return test::fd_path(open(("/proc/self/fd/" + std::to_string(tree)).c_str(), O_PATH));
  };
  EXPECT_EQ("memfd", taken_at(prepare, {Sealing::kMemfd}));
  const auto with_variable = [](Parent& parent) {
    parent.environment["_LIBCONTAINER_CLONED_BINARY"] = "1";
  };
  EXPECT_EQ("none", taken_at(prepare, {Sealing::kMemfd, Sealing::kNone}, with_variable));
  // Who may not ask the kernel knows too little.
  const auto may_not_ask = [](Parent& parent) {
    parent.before_exec = [] { test::refuse_calls({SYS_mount_setattr}, EPERM); };
  };
  EXPECT_EQ("memfd", taken_at(prepare, {Sealing::kMemfd}, may_not_ask));
}

// As in a container whose root is one: its mount is in our table, and no seal.
TEST_F(BinaryTest, RightBelowAReadOnlyOverlayThatIsTheRoot) {
  const std::string lower = directory_.file("lower");
  const std::string place = directory_.file("place");
  mkdir(lower.c_str(), 0755);
  mkdir((lower + "/proc").c_str(), 0755);
  mkdir(place.c_str(), 0755);
  const auto prepare = [&] {
    test::copy_program(binary_, lower + "/program");
    const std::string layers = "lowerdir=" + lower + ":" + state_.path();
    EXPECT_EQ(0, mount("none", place.c_str(), "overlay", MS_RDONLY, layers.c_str()));
    EXPECT_EQ(0, mount("/proc", (place + "/proc").c_str(), nullptr, MS_BIND | MS_REC, nullptr));
    return test::fd_path(open((place + "/program").c_str(), O_PATH));
  };
  const auto in_overlay = [&](Parent& parent) {
    parent.before_exec = [&] {
      if (chroot(place.c_str()) != 0 || chdir("/") != 0) _exit(69);
    };
  };
  EXPECT_EQ("memfd", taken_at(prepare, {Sealing::kMemfd}, in_overlay));
}

TEST_F(BinaryTest, ThroughASymlink) {
  const auto prepare = [&] {
    const std::string link = directory_.file("link");
    (void)!symlink(binary_.c_str(), link.c_str());
    return link;
  };
  EXPECT_EQ(test::usual(), taken_at(prepare));
  for (const Sealing sealing : test::available()) {
    EXPECT_EQ(name_of(sealing, false), taken_at(prepare, {sealing}));
  }
}

TEST_F(BinaryTest, ThatHasBeenDeletedOrReplaced) {
  for (const bool replaced : {false, true}) {
    const auto prepare = [&] {
      const std::string doomed = directory_.file("doomed");
      test::copy_program(binary_, doomed);
      const int kept = open(doomed.c_str(), O_PATH);
      unlink(doomed.c_str());
      if (replaced) test::copy_program("/bin/true", doomed);
      return test::fd_path(kept);
    };
    EXPECT_EQ(test::has_mount_setattr() ? "detached-mount" : "memfd", taken_at(prepare));
    // Its path leads nowhere, or to another file.
    EXPECT_EQ("memfd", taken_at(prepare, {Sealing::kOverlay, Sealing::kMemfd}));
    EXPECT_EQ("memfd", taken_at(prepare, {Sealing::kChildMount, Sealing::kMemfd}));
    EXPECT_EQ("tmpfile", taken_at(prepare, {Sealing::kTmpfile}));
  }
}

TEST_F(BinaryTest, FromAMemfdThatIsNotSealed) {
  const auto prepare = [&] {
    const int memory = memfd_create("loose", 0);
    const std::string content = test::read_file(binary_);
    EXPECT_EQ(ssize_t(content.size()), write(memory, content.data(), content.size()));
    const std::string read_only = test::fd_path(memory);
    const int again = open(read_only.c_str(), O_RDONLY);
    close(memory);
    return test::fd_path(again);
  };
  EXPECT_EQ("memfd", taken_at(prepare));
}

// By an ordinary user. The process is then not dumpable, and its maps are not his to write: how the
// binary is sealed is the question here, and the flow ends where setuid(0) is refused.
TEST_F(BinaryTest, ThatMayNotBeRead) {
  REQUIRE_MOUNT_SETATTR();
  const auto prepare = [&] {
    chmod(binary_.c_str(), 0111);
    return binary_;
  };
  chmod(state_.path().c_str(), 01777);
  good_ = false;
  EXPECT_EQ("child-mount", taken_at(prepare, {}, as_nobody));
  EXPECT_EQ("none",
            taken_at(prepare, {Sealing::kMemfd, Sealing::kTmpfile, Sealing::kNone}, as_nobody));
}

TEST_F(BinaryTest, HandedOverSealedIsNotSealedOnceMore) {
  REQUIRE_MOUNT_SETATTR();
  struct Case {
    const char* name;
    std::function<int()> open;
    bool proved;  // without the variable
  };
  const Case cases[] = {
      {"a sealed memfd", [&] { return test::sealed_memfd(binary_).release(); }, true},
      {"a detached read-only mount of the file",
       [&] {
         const Fd tree = sys::open_tree(AT_FDCWD, binary_.c_str(), OPEN_TREE_CLONE).value();
         sys::MountAttributes read_only;
         read_only.set = MOUNT_ATTR_RDONLY;
         EXPECT_TRUE(sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, read_only));
         return open((test::fd_path(tree.get())).c_str(), O_PATH);
       },
       test::proves_detached_mounts()},
      {"a file on a detached read-only overlay",
       [&] {
         const Fd fs = sys::fsopen("overlay").value();
         const std::string lower = directory_.path() + ":" + state_.path();
         EXPECT_TRUE(sys::fsconfig(fs.get(), sys::FsConfig::kSetString, "lowerdir", lower.c_str()));
         EXPECT_TRUE(sys::fsconfig(fs.get(), sys::FsConfig::kCreate));
         const Fd overlay = sys::fsmount(fs.get(), MOUNT_ATTR_RDONLY).value();
         return openat(overlay.get(), "binary", O_PATH);
       },
       false},
  };
  test::copy_program_sealed_by(built("tests/probe"), binary_, {});
  for (const Case& each : cases) {
    const pid_t child = fork();
    if (child == 0) {
      binary_ = test::fd_path(each.open());
      const std::string log = start_as_it_is();
      _exit(test::tried_in(log).empty() == each.proved && contains(log, "]: sealed: ") ? 0 : 1);
    }
    EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0)) << each.name;
  }
}

// Users without privilege.
TEST_F(SealingTest, OrdinaryUsersGetTheMountByAChild) {
  REQUIRE_MOUNT_SETATTR();
  ask_for_users_container();
  EXPECT_EQ("child-mount", taken(kDefault, as_nobody));
}

TEST_F(SealingTest, OrdinaryUsersWithoutUserNamespacesGetACopy) {
  test::copy_program_sealed_by(built("tests/probe"), binary_, kDefault);
  chmod(state_.path().c_str(), 01777);
  const pid_t child = fork();
  if (child == 0) {
    // The limit is that of this user namespace and all in it: the host's stays.
    if (unshare(CLONE_NEWUSER) != 0) _exit(66);
    test::write_file("/proc/self/setgroups", "deny");
    test::write_file("/proc/self/uid_map", "0 0 1\n");
    test::write_file("/proc/self/gid_map", "0 0 1\n");
    test::write_file("/proc/sys/user/max_user_namespaces", "0");
    Parent parent(binary_);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    parent.before_exec = [] {  // and without the capabilities over the namespace that it made
      for (int capability = 0; capability < 64; ++capability) {
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
      }
    };
    parent.start();
    parent.send(Message().bytes());
    (void)parent.wait_stage0();  // setuid(0) has no meaning here: how it was sealed is the question
    const std::string log = parent.log();
    if (test::sealing_in(log) == "memfd") _exit(0);
    printf("%s\n", log.c_str());
    fflush(stdout);
    _exit(1);
  }
  EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0));
}

// What the execution keeps.
TEST_F(SealingTest, KeepsArgumentsOfAnyNumberAndSize) {
  for (const test::Arguments& arguments :
       {test::Arguments{}, test::Arguments{"", ""}, test::Arguments(5000, "argument"),
        test::Arguments{std::string(120'000, 'x'), "last"}}) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, kDefault);
    Parent parent(binary_);
    parent.arguments = arguments;
    parent.with_report = true;
    const Pids pids = parent.run(Message().bytes());
    const std::string proc = "/proc/" + std::to_string(pids.stage2);
    std::string expected = binary_ + '\0';
    for (const std::string& argument : arguments) expected += argument + '\0';
    EXPECT_TRUE(expected == test::read_file(proc + "/cmdline")) << arguments.size();
    parent.finish_probe();
    (void)test::wait_for(pids.stage2);  // its report of so much may find nobody to read it
  }
}

TEST_F(SealingTest, KeepsEnvironmentDirectoryAndLimits) {
  test::copy_program_sealed_by(built("tests/probe"), binary_, kDefault);
  Parent parent(binary_);
  for (int i = 0; i < 2000; ++i) parent.environment["V" + std::to_string(i)] = std::string(40, 'v');
  parent.with_report = true;
  parent.before_exec = [&] {
    const rlimit stack = {300'000, 400'000};
    const rlimit files = {333, 444};
    setrlimit(RLIMIT_STACK, &stack);
    setrlimit(RLIMIT_NOFILE, &files);
    (void)!chdir(state_.path().c_str());
    umask(031);
  };
  const Pids pids = parent.run(Message().bytes());
  const std::string proc = "/proc/" + std::to_string(pids.stage2);
  std::string environment = test::read_file(proc + "/environ");
  EXPECT_EQ(0U, environment.find(std::string("_LIBCONTAINER_CLONED_BINARY=1") + '\0'));
  EXPECT_EQ(2000 * 40, std::count(environment.begin(), environment.end(), 'v'));
  EXPECT_EQ(state_.path(), test::read_link(proc + "/cwd"));
  const std::string limits = test::read_file(proc + "/limits");
  EXPECT_TRUE(contains(limits, "300000               400000")) << limits;
  EXPECT_TRUE(contains(limits, "333                  444")) << limits;
  EXPECT_TRUE(contains(test::read_file(proc + "/status"), "Umask:\t0031"));
  (void)parent.read_report();
  parent.finish_probe();
  EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
}

TEST_F(SealingTest, LeaksNoFdIntoTheNewImage) {
  for (const Sealing sealing : test::available()) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, {sealing});
    const auto fds = [&](const std::string& program) {
      Parent parent(program);
      parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
      parent.with_report = true;
      const Pids pids = parent.run(Message().bytes());
      const std::string list = parent.read_report()["fds"];
      parent.finish_probe();
      EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
      return test::split(list, ' ').size();
    };
    const size_t sealed = fds(binary_);
    test::copy_program_sealed_by(built("tests/probe"), binary_, {Sealing::kNone});
    EXPECT_EQ(fds(binary_), sealed) << name_of(sealing);
  }
}

// What is left on the host.
TEST_F(SealingTest, LeavesNothingBehindWhenKilled) {
  const std::string mounts = test::read_file("/proc/self/mountinfo");
  for (const Sealing sealing : kAll) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, {sealing, Sealing::kNone});
    for (int delay = 0; delay < 600; delay += 25) {
      Parent parent(binary_);
      parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
      parent.with_log = false;
      parent.start();
      usleep(static_cast<useconds_t>(delay));
      kill(parent.stage0, SIGKILL);
      (void)parent.wait_stage0();
    }
    EXPECT_TRUE(test::all_gone(binary_)) << name_of(sealing);
  }
  EXPECT_EQ("", test::run_command({"/bin/ls", "-A", state_.path()}).out);
  EXPECT_EQ(mounts, test::read_file("/proc/self/mountinfo"));
}

// Counts what poll(2) says of our mount table's changes while it lives.
class MountTableWatch {
 public:
  MountTableWatch() : table_(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)) {
    EXPECT_EQ(0, pipe2(stop_, O_CLOEXEC));
    thread_ = std::thread([this] {
      for (;;) {
        struct pollfd entries[] = {{table_.get(), POLLPRI, 0}, {stop_[0], POLLIN, 0}};
        if (poll(entries, 2, -1) < 0 || entries[1].revents != 0) return;
        ++changes_;
      }
    });
  }
  int stop() {
    close(stop_[1]);
    thread_.join();
    close(stop_[0]);
    return changes_;
  }

 private:
  Fd table_;
  int stop_[2];
  int changes_ = 0;
  std::thread thread_;
};

TEST_F(SealingTest, LeavesTheHostsMountTableAlone) {
  const int starts = test::repetitions(100);
  for (const Sealing sealing : test::available()) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, {sealing});
    MountTableWatch watch;
    for (int i = 0; i < starts; ++i) {
      Parent parent(binary_);
      parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
      parent.with_log = false;
      parent.run(Message().flags(CLONE_NEWNS | CLONE_NEWPID).bytes());
    }
    const int changes = watch.stop();
    RecordProperty(name_of(sealing), changes);
    EXPECT_EQ(0, changes) << name_of(sealing);
  }
}

// What `count` containers cost that wait at their init, each with a binary of 50 MB. Bytes, as
// MemoryGroup counts them.
struct Cost {
  int64_t charged = 0;
  int64_t cache = 0;
  int64_t shmem = 0;
};

TEST_F(SealingTest, CostsNoMemory) {
  if (!MemoryGroup().is_there()) GTEST_SKIP() << "no memory cgroup can be made here";
  const test::TemporaryDirectory reflinks(test::directory_with_reflinks());
  const auto cost_of = [&](Sealing sealing, int count) {
    const std::string binary = sealing == Sealing::kReflink ? reflinks.file("binary") : binary_;
    test::copy_program_sealed_by(built("tests/probe"), binary, {sealing});
    EXPECT_EQ(0, truncate(binary.c_str(), 50L << 20));
    (void)test::read_file(binary);  // the page cache is ours
    const MemoryGroup group;
    std::vector<std::unique_ptr<Parent>> parents;
    for (int i = 0; i < count; ++i) {
      auto parent = std::make_unique<Parent>(binary);
      parent->environment["_LIBCONTAINER_STATEDIR"] = state_.path();
      parent->with_report = true;
      parent->with_log = false;
      parent->before_exec = [&] { group.enter(); };
      parent->run(Message().flags(CLONE_NEWNS | CLONE_NEWPID).bytes());
      (void)parent->read_report();
      parents.push_back(std::move(parent));
    }
    const Cost cost{group.usage(), group.cache(), group.shmem()};
    parents.clear();
    // Those that run from a memfd are not found by the binary's path.
    EXPECT_TRUE(test::eventually(10s, [] {
      while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
      return test::children_of(getpid()).empty();
    })) << name_of(sealing);
    EXPECT_TRUE(test::all_gone(binary, 10s));
    return cost;
  };
  const int containers = test::repetitions(100);
  constexpr int64_t kMegabyte = 1 << 20;
  const Cost unsealed = cost_of(Sealing::kNone, containers);
  for (const Sealing sealing : test::without_copies()) {
    if (sealing == Sealing::kReflink && !test::has_reflinks(reflinks.path())) continue;
    const Cost cost = cost_of(sealing, containers);
    // A binary of 50 MB, a hundred times: what it costs is not even one of them; a superblock or
    // a mount is some kilobytes.
    printf("          %-15s %8.1f KiB a container (unsealed %.1f), Shmem %+.1f MiB\n",
           name_of(sealing, false).c_str(), double(cost.charged) / 1024 / containers,
           double(unsealed.charged) / 1024 / containers, double(cost.shmem) / kMegabyte);
    int64_t cost_of_sealing = cost.charged - unsealed.charged;
    if (sealing == Sealing::kReflink) {
      // A clone shares the blocks on disk and not the page cache: what is executed of each is read
      // once more. That can be reclaimed, and is what was touched of the 50 MB.
      EXPECT_LT(cost.cache, containers * 5 * kMegabyte);
      cost_of_sealing -= cost.cache;
    }
    EXPECT_LT(cost_of_sealing, containers * 64 * 1024 + MemoryGroup::stock()) << name_of(sealing);
    EXPECT_LT(cost.shmem, 5 * kMegabyte) << name_of(sealing);
  }
  const int copy_count = test::repetitions(10);
  const Cost copies = cost_of(Sealing::kMemfd, copy_count);
  printf("          %-15s %8.1f KiB a container, Shmem %+.1f MiB for %d\n", "memfd",
         double(copies.charged) / 1024 / copy_count, double(copies.shmem) / kMegabyte, copy_count);
  EXPECT_GE(copies.charged, copy_count * 50 * kMegabyte) << "the control: a copy costs its size";
  EXPECT_GE(copies.shmem, copy_count * 45 * kMegabyte);
}

}  // namespace
