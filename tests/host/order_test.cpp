// Tests in which order all stages make the system calls that have an effect outside of them.
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "syscalls/namespaces.h"
#include "tests/support/sealing.h"
#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::Sealing;
using test::SupervisedCall;
using test::Supervisor;
using test::Verdict;

std::string namespaces(uint64_t flags) {
  std::string names;
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    if ((flags & type.flag) != 0) names += std::string(" ") + type.name;
  }
  return names;
}

// Returns "setns net", or "" for a call that the tests do not compare.
std::string described(const SupervisedCall& call) {
  const std::string name = test::name_of(call);
  const auto& argument = call.arguments;
  switch (call.number) {
    case SYS_execveat:
      return "execve";
    case SYS_execve:
    case SYS_clone:
    case arch::kSetresuid:
    case SYS_setsid:
    case arch::kSetuid:
    case arch::kSetgid:
    case arch::kSetgroups:
    case SYS_recvmsg:
      return name;
    case SYS_prctl:
      return argument[0] == PR_SET_DUMPABLE ? "dumpable " + std::to_string(argument[1]) : "";
    case SYS_unshare:
      return name + namespaces(argument[0]);
    case SYS_setns:
      return name + namespaces(argument[1]);
    case SYS_openat2: {
      const std::string path = test::text_of(call, 1);
      return "write" + path.substr(path.rfind('/'));
    }
    case SYS_openat: {
      const std::string path = test::text_of(call, 1);
      return contains(path, "/ns/") || contains(path, "source")
                 ? "open " + path.substr(path.rfind('/') + 1)
                 : "";
    }
    case SYS_read:
      return argument[2] == 16 ? "read message" : "";
    case SYS_sendto:
      return argument[2] > 1 ? "pid line" : test::text_of(call, 1)[0] == '\5' ? "ready" : "";
    default:
      return "";
  }
}

// Returns "0 execve, 0 read message, …".
std::string order_of(Parent& parent, const std::string& message) {
  std::string all;
  Supervisor supervisor([&](const SupervisedCall& call) {
    const std::string what = described(call);
    if (!what.empty()) all += (all.empty() ? "" : ", ") + std::to_string(call.process) + " " + what;
    return Verdict{};
  });
  parent.before_exec = [&] { supervisor.install(); };
  parent.run(message);
  (void)supervisor.finish();
  return all;
}

class OrderTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  // Always seals with a memfd: every kernel has that strategy, and it creates no namespace itself.
  std::string sealed(const std::string& program) {
    test::copy_program_sealed_by(built(program), program_, {test::Sealing::kMemfd});
    return program_;
  }
  test::TemporaryDirectory directory_;
  std::string program_ = directory_.file("program");
};

TEST_F(OrderTest, OfNewNamespaces) {
  Parent parent(sealed("nsexec-true"));
  EXPECT_EQ(
      "0 execve, 0 execve, 0 read message, 0 write/oom_score_adj, 0 dumpable 0, 0 clone, "
      "1 unshare user, 0 write/uid_map, 0 write/gid_map, 1 setresuid, 1 dumpable 0, "
      "1 unshare ipc mnt pid time uts, 0 write/timens_offsets, 1 clone, 2 pid line, 2 setsid, "
      "2 setuid, 2 setgid, 2 setgroups, 2 dumpable 1, 2 ready",
      order_of(parent, Message()
                           .flags(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
                                  CLONE_NEWPID | CLONE_NEWTIME)
                           .text(Attribute::kUidMap, "0 0 1\n")
                           .text(Attribute::kGidMap, "0 0 1\n")
                           .boolean(Attribute::kSetgroups, true)
                           .text(Attribute::kOomScoreAdj, "500")
                           .text(Attribute::kTimeOffsetsOrMountSources, "monotonic 10 0\n")
                           .bytes()));
}

TEST_F(OrderTest, OfARootlessStart) {
  Parent parent(sealed("nsexec-true"));
  EXPECT_EQ(
      "0 execve, 0 execve, 0 read message, 0 dumpable 0, 0 clone, 1 unshare user, "
      "0 write/setgroups, 0 write/uid_map, 0 write/gid_map, 1 setresuid, 1 dumpable 0, "
      "1 unshare uts, 1 clone, 2 pid line, 2 setsid, 2 setuid, 2 setgid, 2 dumpable 1, 2 ready",
      order_of(parent, Message()
                           .flags(CLONE_NEWUSER | CLONE_NEWUTS)
                           .boolean(Attribute::kRootless, true)
                           .text(Attribute::kUidMap, "0 0 1\n")
                           .text(Attribute::kGidMap, "0 0 1\n")
                           .bytes()));
}

TEST_F(OrderTest, OfJoining) {
  const test::Sleeper sleeper(sys::kAllNamespaces);
  std::string paths;
  for (const char* type : {"net", "user", "mnt"}) {
    paths += (paths.empty() ? "" : ",") + std::string(type) + ":" + sleeper.namespace_path(type);
  }
  Parent parent(sealed("nsexec-true"));
  EXPECT_EQ(
      "0 execve, 0 execve, 0 read message, 0 write/oom_score_adj, 0 dumpable 0, 0 clone, "
      "1 open net, 1 open user, 1 open mnt, 1 setns net, 1 setns mnt, 1 setns user, 1 setresuid, "
      "1 dumpable 0, 1 clone, 2 pid line, 2 setsid, 2 setuid, 2 setgid, 2 dumpable 0, 2 ready",
      order_of(parent, Message()
                           .text(Attribute::kNamespacePaths, paths)
                           .text(Attribute::kOomScoreAdj, "500")
                           .bytes()));
}

TEST_F(OrderTest, OfJoiningAndCreating) {
  const test::Sleeper sleeper(CLONE_NEWNET);
  Parent parent(sealed("nsexec-true"));
  EXPECT_EQ(
      "0 execve, 0 execve, 0 read message, 0 dumpable 0, 0 clone, 1 open net, 1 setns net, "
      "1 unshare user, 0 write/uid_map, 0 write/gid_map, 1 setresuid, 1 dumpable 0, "
      "1 unshare uts, 1 clone, 2 pid line, 2 setsid, 2 setuid, 2 setgid, 2 dumpable 0, 2 ready",
      order_of(parent, Message()
                           .flags(CLONE_NEWUSER | CLONE_NEWUTS)
                           .text(Attribute::kNamespacePaths, "net:" + sleeper.namespace_path("net"))
                           .text(Attribute::kUidMap, "0 0 1\n")
                           .text(Attribute::kGidMap, "0 0 1\n")
                           .bytes()));
}

// A whole start with one mount source.
void start_with_mount_source(Parent& parent, Supervisor& supervisor) {
  const test::TemporaryDirectory directory;
  const std::string source = directory.file("source");
  test::write_file(source, "");
  const sys::Fd reserved(dup(2));
  parent.inherited = {reserved.get()};
  parent.environment["_LIBCONTAINER_MOUNT_FDS"] = "[" + std::to_string(reserved.get()) + "]";
  parent.before_exec = [&] { supervisor.install(); };
  parent.start();
  EXPECT_EQ(1U, parent.read_bytes(1).size());
  parent.send(Message().flags(CLONE_NEWNS).add(27290, source + '\0').bytes());
  const test::Pids pids = parent.read_pids();
  EXPECT_TRUE(parent.wait_stage0().exited_with(0)) << parent.log();
  EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
  (void)supervisor.finish();
}

TEST_F(OrderTest, OfMountSources) {
  Parent parent(sealed("tests/probe-runc-1.1"));
  std::string all;
  Supervisor supervisor([&](const SupervisedCall& call) {
    const std::string what = described(call);
    if (!what.empty()) all += (all.empty() ? "" : ", ") + std::to_string(call.process) + " " + what;
    return Verdict{};
  });
  start_with_mount_source(parent, supervisor);
  // Compares only stage 0's calls, which enter the mount namespace and leave it again. Stage 1 runs
  // at the same time.
  std::string of_stage0;
  for (const std::string& word : test::split(all, ',')) {
    const std::string what = word.substr(word[0] == ' ' ? 1 : 0);
    if (what[0] == '0') of_stage0 += (of_stage0.empty() ? "" : ", ") + what;
  }
  EXPECT_EQ(
      "0 execve, 0 execve, 0 read message, 0 clone, 0 open mnt, 0 open mnt, 0 setns mnt, "
      "0 open source, 0 setns mnt",
      of_stage0);
}

// Otherwise stage 0 could still fail there after stage 2 has reported, and the program would run in
// a start that has failed.
TEST_F(OrderTest, Stage2IsCreatedAfterStage0HasLeftTheMountNamespace) {
  Parent parent(built("tests/probe-runc-1.1"));
  int switches = 0;
  std::string at_clone;
  Supervisor supervisor([&](const SupervisedCall& call) {
    if (call.process == 0 && call.number == SYS_setns && ++switches == 2) {
      return Verdict{Verdict::kStop};
    }
    // By stage 1. Some seals also have a process, which makes no other.
    if (call.process != 0 && call.number == SYS_clone) {
      at_clone = test::namespace_id(std::to_string(parent.stage0), "mnt");
    }
    return Verdict{};
  });
  start_with_mount_source(parent, supervisor);
  EXPECT_EQ(test::namespace_id("self", "mnt"), at_clone);
}

// When the sealed binary is executed, the only additional fd is the one that is executed. It must
// not be the fd of a mount, which could change the mount, nor a writable one.
TEST_F(OrderTest, NothingElseOfTheSealIsOpenAfterIt) {
  for (const Sealing sealing : test::available()) {
    const test::TemporaryDirectory directory;
    const std::string program = directory.file("program");
    test::copy_program_sealed_by(built("nsexec-true"), program, {sealing});
    const test::TemporaryDirectory state;
    Parent parent(program);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state.path();
    long before = 0;
    long at_execve = 0;
    Supervisor supervisor([&](const SupervisedCall& call) {
      const auto fds = [&] {
        const std::filesystem::directory_iterator all("/proc/" + std::to_string(call.pid) + "/fd");
        return std::distance(begin(all), end(all));
      };
      if (call.process == 0 && call.index == 1) before = fds();
      if (call.process == 0 && test::executes(call)) at_execve = fds();
      return Verdict{};
    });
    parent.before_exec = [&] { supervisor.install(); };
    parent.run(Message().flags(CLONE_NEWUTS).bytes());
    (void)supervisor.finish();
    EXPECT_EQ(before + 1, at_execve) << test::name_of(sealing);
  }
}

}  // namespace
