// Tests creating and joining namespaces of all types.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "syscalls/namespaces.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::namespace_id;
using test::Parent;
using test::Pids;
using test::Sleeper;

// Starts the probe and compares its namespaces with this process's while the probe waits.
class NamespaceTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  Pids start(const Message& message) {
    parent_.with_report = true;
    const Pids pids = parent_.run(message.bytes());
    report_ = parent_.read_report();
    return pids;
  }
  // Returns the probe's namespaces that differ from this process's, as CLONE_NEW*.
  static unsigned differing(pid_t pid) {
    unsigned flags = 0;
    for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
      if (namespace_id("self", type.name) != namespace_id(std::to_string(pid), type.name)) {
        flags |= type.flag;
      }
    }
    return flags;
  }
  void finish(pid_t stage2) {
    parent_.finish_probe();
    EXPECT_TRUE(test::wait_for(stage2).exited_with(0));
  }

  Parent parent_{built("tests/probe")};
  std::map<std::string, std::string> report_;
};

Message with_maps(Message message) {
  return message.text(Attribute::kUidMap, "0 0 4294967295\n")
      .text(Attribute::kGidMap, "0 0 4294967295\n");
}

class EachNamespace : public NamespaceTest, public testing::WithParamInterface<int> {
 protected:
  [[nodiscard]] static const sys::NamespaceType& type() { return sys::kNamespaceTypes[GetParam()]; }

  // Returns a new namespace whose file is bound to `file`. A mount namespace can be bound only if
  // its number is above that of this process's. Linux 6.18 counts separately on each CPU, so this
  // tries all CPUs: the one on which this process's namespace was created gives such numbers.
  [[nodiscard]] static std::unique_ptr<Sleeper> bound_to(const std::string& file) {
    cpu_set_t all;
    sched_getaffinity(0, sizeof all, &all);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &all)) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      sched_setaffinity(0, sizeof one, &one);
      auto sleeper = std::make_unique<Sleeper>(type().flag);
      sched_setaffinity(0, sizeof all, &all);
      const std::string of_it = sleeper->namespace_path(type().name);
      if (mount(of_it.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) == 0) return sleeper;
      EXPECT_EQ(EINVAL, errno);
    }
    return nullptr;
  }
};

TEST_P(EachNamespace, IsCreatedAlone) {
  Message message = Message().flags(type().flag);
  if (type().flag == CLONE_NEWUSER) message = with_maps(message);
  const Pids pids = start(message);
  EXPECT_EQ(type().flag, differing(pids.stage2));
  EXPECT_EQ(type().flag == CLONE_NEWPID ? "1" : std::to_string(pids.stage2), report_["pid"]);
  finish(pids.stage2);
}

TEST_P(EachNamespace, IsJoinedByItsPathUnderProc) {
  const Sleeper sleeper(type().flag);
  const Pids pids =
      start(Message().text(Attribute::kNamespacePaths,
                           std::string(type().name) + ":" + sleeper.namespace_path(type().name)));
  EXPECT_EQ(type().flag, differing(pids.stage2));
  EXPECT_EQ(namespace_id(std::to_string(sleeper.pid()), type().name),
            namespace_id(std::to_string(pids.stage2), type().name));
  finish(pids.stage2);
  const std::string record = "]: joined " + std::string(type().name) + " namespace " +
                             sleeper.namespace_path(type().name) + "\"";
  const std::string log = parent_.log();
  EXPECT_TRUE(contains(log, record)) << log;
}

TEST_P(EachNamespace, IsJoinedByABindMountedFile) {
  const test::TemporaryDirectory directory;
  ASSERT_EQ(0,
            mount(directory.path().c_str(), directory.path().c_str(), nullptr, MS_BIND, nullptr));
  ASSERT_EQ(0, mount(nullptr, directory.path().c_str(), nullptr, MS_PRIVATE, nullptr));
  const std::string file = directory.file("ns");
  test::write_file(file, "");
  const auto join = [&] {
    const Pids pids =
        start(Message().text(Attribute::kNamespacePaths, std::string(type().name) + ":" + file));
    EXPECT_EQ(type().flag, differing(pids.stage2));
    finish(pids.stage2);
  };
  std::unique_ptr<Sleeper> sleeper = bound_to(file);
  EXPECT_NE(nullptr, sleeper);
  // A pid namespace without its init accepts no new process. The others need no process in them.
  if (type().flag != CLONE_NEWPID) sleeper.reset();
  if (!HasFailure()) join();
  umount2(directory.path().c_str(), MNT_DETACH);
}

INSTANTIATE_TEST_SUITE_P(All, EachNamespace, testing::Range(0, 8), [](const auto& each) {
  return std::string(sys::kNamespaceTypes[each.param].name);
});

TEST_F(NamespaceTest, NoneIsCreatedIfNoneIsRequested) {
  const Pids pids = start(Message());
  EXPECT_EQ(0U, differing(pids.stage2));
  finish(pids.stage2);
}

TEST_F(NamespaceTest, AllAreCreatedTogether) {
  const Pids pids = start(with_maps(Message().flags(sys::kAllNamespaces)));
  EXPECT_EQ(sys::kAllNamespaces, differing(pids.stage2));
  EXPECT_EQ("1", report_["pid"]);
  EXPECT_EQ("0", report_["ppid"]);
  finish(pids.stage2);
}

TEST_F(NamespaceTest, AllAreJoinedTogether) {
  const Sleeper sleeper(sys::kAllNamespaces);
  std::string list;
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    list += (list.empty() ? "" : ",") + std::string(type.name) + ":" +
            sleeper.namespace_path(type.name);
  }
  const Pids pids = start(Message().text(Attribute::kNamespacePaths, list));
  EXPECT_EQ(sys::kAllNamespaces, differing(pids.stage2));
  finish(pids.stage2);
  const std::string log = parent_.log();
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    const std::string record = "joined " + std::string(type.name) + " namespace " +
                               sleeper.namespace_path(type.name) + "\"";
    EXPECT_TRUE(contains(log, record)) << log;
  }
}

TEST_F(NamespaceTest, JoinsNamespacesOfTheUserNamespaceAndOfTheHost) {
  // net belongs to the host's user namespace, uts to the container's.
  const Sleeper host_net(CLONE_NEWNET);
  const Sleeper container(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC);
  const Pids pids = start(
      Message().text(Attribute::kNamespacePaths, "user:" + container.namespace_path("user") +
                                                     ",uts:" + container.namespace_path("uts") +
                                                     ",net:" + host_net.namespace_path("net")));
  EXPECT_EQ(unsigned{CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWNET}, differing(pids.stage2));
  EXPECT_EQ("0", report_["uid"]);
  finish(pids.stage2);
}

TEST(Join, NamespacesThatNeedTheUserNamespaceAreJoinedAfterIt) {
  // An ordinary user may join no namespace before the user namespace, and all of them after it.
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  constexpr int kNobody = 65534;
  const pid_t inner = fork();
  if (inner == 0) {
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0) _exit(1);
    if (unshare(CLONE_NEWUSER) != 0) _exit(2);
    test::write_file("/proc/self/setgroups", "deny");
    test::write_file("/proc/self/uid_map", "0 65534 1\n");
    test::write_file("/proc/self/gid_map", "0 65534 1\n");
    if (unshare(CLONE_NEWNET | CLONE_NEWUTS) != 0) _exit(3);
    test::write_file("/proc/self/comm", "ready");
    for (;;) pause();
  }
  const std::string proc = "/proc/" + std::to_string(inner);
  EXPECT_TRUE(
      test::eventually(test::kHangs, [&] { return test::read_file(proc + "/comm") == "ready\n"; }));
  Parent parent(built("tests/probe"));
  parent.uid = kNobody;
  parent.with_report = true;
  const Pids pids =
      parent.run(Message()
                     .text(Attribute::kNamespacePaths, "net:" + proc + "/ns/net,user:" + proc +
                                                           "/ns/user,uts:" + proc + "/ns/uts")
                     .boolean(Attribute::kRootless, true)
                     .bytes());
  EXPECT_EQ("0", parent.read_report()["uid"]);
  for (const char* type : {"net", "user", "uts"}) {
    EXPECT_EQ(namespace_id(std::to_string(inner), type),
              namespace_id(std::to_string(pids.stage2), type));
  }
  parent.finish_probe();
  EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
  kill(inner, SIGKILL);
  EXPECT_TRUE(test::wait_for(inner).killed_by(SIGKILL));
}

TEST_F(NamespaceTest, JoinsAndCreatesInOneStart) {
  const Sleeper sleeper(CLONE_NEWNET);
  const Pids pids =
      start(with_maps(Message()
                          .text(Attribute::kNamespacePaths, "net:" + sleeper.namespace_path("net"))
                          .flags(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS)));
  EXPECT_EQ(unsigned{CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET},
            differing(pids.stage2));
  finish(pids.stage2);
}

TEST_F(NamespaceTest, OpensAllPathsBeforeJoiningAny) {
  // In the sleeper's mount namespace the temporary directory is hidden, so the stub must have
  // opened the second path before joining.
  const test::TemporaryDirectory directory;
  ASSERT_EQ(0, symlink("/proc/self/ns/net", directory.file("net").c_str()));
  const Sleeper sleeper(CLONE_NEWNS);
  const std::string root = "/proc/" + std::to_string(sleeper.pid()) + "/root";
  ASSERT_TRUE(test::exists(root));
  const int fd = open(("/proc/" + std::to_string(sleeper.pid()) + "/ns/mnt").c_str(), O_RDONLY);
  const pid_t helper = fork();
  if (helper == 0) {
    const bool hidden = setns(fd, CLONE_NEWNS) == 0 &&
                        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                        mount("none", directory.path().c_str(), "tmpfs", 0, nullptr) == 0;
    _exit(hidden ? 0 : 1);
  }
  close(fd);
  ASSERT_TRUE(test::wait_for(helper).exited_with(0));
  const Pids pids =
      start(Message().text(Attribute::kNamespacePaths, "mnt:" + sleeper.namespace_path("mnt") +
                                                           ",net:" + directory.file("net")));
  EXPECT_EQ(unsigned{CLONE_NEWNS}, differing(pids.stage2));
  finish(pids.stage2);
}

TEST(Join, AFifoInPlaceOfANamespaceIsAnErrorAndDoesNotBlock) {
  const test::TemporaryDirectory directory;
  ASSERT_EQ(0, mkfifo(directory.file("fifo").c_str(), 0600));
  Parent parent(built("nsexec-true"));
  parent.start();
  parent.send(Message().text(Attribute::kNamespacePaths, "net:" + directory.file("fifo")).bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "fifo: EINVAL")) << parent.fatal();
}

TEST(Join, ANamespaceThatCannotBeJoinedIsFatalAndNamed) {
  REQUIRE_ROOT();
  const Sleeper sleeper(CLONE_NEWNET);
  Parent parent(built("nsexec-true"));
  parent.uid = 65534;
  parent.start();
  parent.send(Message().text(Attribute::kNamespacePaths, "net:/proc/self/ns/net").bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "setns net:/proc/self/ns/net: EPERM")) << parent.fatal();
}

class Create : public testing::Test {
 protected:
  Create() {
    test::copy_program_sealed_by(built("nsexec-true"), unsealed_, {test::Sealing::kNone});
  }
  test::TemporaryDirectory directory_;
  // Does not seal, because one of the strategies calls unshare as well.
  std::string unsealed_ = directory_.file("program");
};

TEST_F(Create, DoesNotRetryAfterOtherErrors) {
  REQUIRE_ROOT();
  test::AnsweredCall unshare(__NR_unshare, [](int count) { return count == 0 ? ENOSPC : 0; });
  Parent parent(unsealed_);
  parent.before_exec = [&] { unshare.install(); };
  parent.start();
  parent.send(Message().flags(CLONE_NEWUTS).bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_EQ(1, unshare.count());
  EXPECT_TRUE(contains(parent.fatal(), "unshare uts: ENOSPC")) << parent.fatal();
}

// Before Linux 4.3 unshare could fail with EINVAL while another process read /proc/PID.
TEST_F(Create, RetriesFiveTimesAfterEinval) {
  REQUIRE_ROOT();
  for (const int failures : {1, 5, 6}) {
    test::AnsweredCall unshare(__NR_unshare,
                               [&](int count) { return count < failures ? EINVAL : 0; });
    Parent parent(unsealed_);
    parent.before_exec = [&] { unshare.install(); };
    parent.start();
    parent.send(Message().flags(CLONE_NEWUTS).bytes());
    const bool enough = failures <= 5;
    EXPECT_TRUE(parent.wait_stage0().exited_with(enough ? 0 : 1)) << failures;
    EXPECT_EQ(enough ? "" : "EINVAL",
              enough ? parent.fatal() : parent.fatal().substr(parent.fatal().size() - 6));
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    EXPECT_TRUE(test::all_gone(unsealed_));
    EXPECT_EQ(6, unshare.count() + (failures == 1 ? 4 : 0)) << failures;
  }
}

TEST_F(Create, AMissingPrivilegeIsFatalAndNamed) {
  REQUIRE_ROOT();
  Parent parent(built("nsexec-true"));
  parent.uid = 65534;
  parent.start();
  parent.send(Message().flags(CLONE_NEWNS | CLONE_NEWPID).bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "unshare mnt pid: EPERM")) << parent.fatal();
}

}  // namespace
