// Tests stage 2's identity: ids and id maps, session, oom score, clocks, names.
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/seccomp.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using test::Message;
using test::Parent;
using test::Pids;
using test::read_file;

constexpr int kNobody = 65534;

std::string proc(pid_t pid, const std::string& file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

// Returns a map file's lines with single spaces.
std::string map_of(pid_t pid, const std::string& file) {
  std::string result;
  for (const std::string& line : test::split(read_file(proc(pid, file)), '\n')) {
    unsigned inside = 0;
    unsigned outside = 0;
    unsigned count = 0;
    sscanf(line.c_str(), "%u %u %u", &inside, &outside, &count);
    result +=
        std::to_string(inside) + " " + std::to_string(outside) + " " + std::to_string(count) + "\n";
  }
  return result;
}

class IdentityTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
  void start(const Message& message) {
    parent_.with_report = true;
    pids_ = parent_.run(message.bytes());
    report_ = parent_.read_report();
  }
  void TearDown() override {
    if (pids_.stage2 == 0) return;
    parent_.finish_probe();
    EXPECT_TRUE(test::wait_for(pids_.stage2).exited_with(0));
  }
  // Sends a message that must make a stage fail. Returns the fatal record's message.
  std::string fatal_of(const Message& message) {
    parent_.start();
    parent_.send(message.bytes());
    EXPECT_TRUE(parent_.wait_stage0().exited_with(1));
    EXPECT_TRUE(test::all_gone(built("tests/probe")));
    return parent_.fatal();
  }

  Parent parent_{built("tests/probe")};
  Pids pids_;
  std::map<std::string, std::string> report_;
};

TEST_F(IdentityTest, IsASessionLeaderAndRoot) {
  start(Message());
  EXPECT_EQ(report_["pid"], report_["sid"]);
  EXPECT_EQ("0", report_["uid"]);
  EXPECT_EQ("0", report_["euid"]);
  EXPECT_EQ("0", report_["gid"]);
}

TEST_F(IdentityTest, HasTheProcessNamesOfTheConfiguration) {
  start(Message());
  EXPECT_EQ("runc:[2:INIT]", report_["comm"]);
}

TEST_F(IdentityTest, DropsSupplementaryGroupsOnlyWhenAsked) {
  for (const bool wanted : {true, false}) {
    for (const bool rootless : {true, false}) {
      const pid_t child = fork();
      if (child == 0) {
        const gid_t groups[] = {100, 200};
        bool good = setgroups(2, groups) == 0;
        Parent parent(built("tests/probe"));
        parent.with_report = true;
        parent.run(Message()
                       .boolean(Attribute::kSetgroups, wanted)
                       .boolean(Attribute::kRootless, rootless)
                       .bytes());
        good = good && parent.read_report()["groups"] == (wanted && !rootless ? "0" : "2");
        _exit(good ? 0 : 1);
      }
      EXPECT_TRUE(test::wait_for(child).exited_with(0)) << wanted << rootless;
    }
  }
}

TEST_F(IdentityTest, WritesIdMapsOfOneLine) {
  start(Message()
            .flags(CLONE_NEWUSER)
            .text(Attribute::kUidMap, "0 1000 1\n")
            .text(Attribute::kGidMap, "0 2000 1\n"));
  EXPECT_EQ("0 1000 1\n", map_of(pids_.stage2, "uid_map"));
  EXPECT_EQ("0 2000 1\n", map_of(pids_.stage2, "gid_map"));
  EXPECT_EQ("0", report_["uid"]);
  EXPECT_EQ("allow\n", read_file(proc(pids_.stage2, "setgroups")));
}

// Browser sandboxes do this: the caller has its own id inside, too.
TEST_F(IdentityTest, KeepsItsIdsIfIdZeroIsNotMapped) {
  start(Message()
            .flags(CLONE_NEWUSER | CLONE_NEWNS)
            .text(Attribute::kUidMap, "1000 0 1\n")
            .text(Attribute::kGidMap, "2000 0 1\n"));
  EXPECT_EQ("1000", report_["uid"]);
  EXPECT_EQ("2000", report_["gid"]);
}

TEST_F(IdentityTest, AnOrdinaryUserKeepsItsIdsIfIdZeroIsNotMapped) {
  parent_.uid = kNobody;
  start(Message()
            .flags(CLONE_NEWUSER | CLONE_NEWNS)
            .text(Attribute::kUidMap, "65534 65534 1\n")
            .text(Attribute::kGidMap, "65534 65534 1\n")
            .boolean(Attribute::kRootless, true));
  EXPECT_EQ("65534", report_["uid"]);
  EXPECT_EQ("65534", report_["gid"]);
}

// Only one of the two ids is not mapped. The other id becomes 0 as usual.
TEST_F(IdentityTest, BecomesGroupZeroEvenIfUserZeroIsNotMapped) {
  start(Message()
            .flags(CLONE_NEWUSER)
            .text(Attribute::kUidMap, "7 0 1\n")
            .text(Attribute::kGidMap, "0 3000 1\n7 0 1\n"));
  EXPECT_EQ("7", report_["uid"]);
  EXPECT_EQ("0", report_["gid"]);
}

TEST_F(IdentityTest, JoinsAUserNamespaceWithoutIdZero) {
  for (const uid_t outside : {0, kNobody}) {
    const pid_t inner = fork();
    if (inner == 0) {
      const std::string map = "1000 " + std::to_string(outside) + " 1\n";
      bool ready = setgid(outside) == 0 && setuid(outside) == 0;
      ready = ready && prctl(PR_SET_DUMPABLE, 1) == 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
      test::write_file("/proc/self/setgroups", "deny");
      test::write_file("/proc/self/uid_map", map);
      test::write_file("/proc/self/gid_map", map);
      test::write_file("/proc/self/comm", ready ? "ready" : "failed");
      for (;;) pause();
    }
    EXPECT_TRUE(test::eventually(test::kHangs,
                                 [&] { return read_file(proc(inner, "comm")) == "ready\n"; }));
    Parent parent(built("tests/probe"));
    parent.with_report = true;
    parent.uid = static_cast<int>(outside);
    parent.run(Message()
                   .text(Attribute::kNamespacePaths,
                         "user:" + proc(inner, "ns/user") + ",net:" + proc(inner, "ns/net"))
                   .boolean(Attribute::kRootless, true)
                   .bytes());
    EXPECT_EQ("1000", parent.read_report()["uid"]) << outside << parent.log();
    kill(inner, SIGKILL);
    waitpid(inner, nullptr, 0);
  }
}

// bwrap's sandbox has one user namespace inside another, and the outer one owns the other
// namespaces. An ordinary user can join those only from inside the outer user namespace.
TEST_F(IdentityTest, JoinsNamespacesThatTheOuterOfTwoUserNamespacesOwns) {
  int outer_ready[2];
  int inner_ready[2];
  ASSERT_EQ(0, pipe(outer_ready));
  ASSERT_EQ(0, pipe(inner_ready));
  const auto enter = [](int flags, const std::string& map) {
    const bool made = unshare(CLONE_NEWUSER | flags) == 0;
    test::write_file("/proc/self/setgroups", "deny");
    test::write_file("/proc/self/uid_map", map);
    test::write_file("/proc/self/gid_map", map);
    return made;
  };
  const pid_t outer = fork();
  if (outer == 0) {
    bool ready = setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0 &&
                 prctl(PR_SET_DUMPABLE, 1) == 0;
    ready = ready && enter(CLONE_NEWNET | CLONE_NEWUTS, "0 65534 1\n");
    const pid_t inner = fork();
    if (inner == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      ready = ready && enter(0, "1000 0 1\n");
      if (write(inner_ready[1], &ready, 1) == 1) pause();
      _exit(1);
    }
    if (write(outer_ready[1], &inner, sizeof inner) == sizeof inner) pause();
    _exit(1);
  }
  pid_t inner = 0;
  bool ready = false;
  EXPECT_EQ(static_cast<ssize_t>(sizeof inner), read(outer_ready[0], &inner, sizeof inner));
  EXPECT_EQ(1, read(inner_ready[0], &ready, 1));
  EXPECT_TRUE(ready);
  Parent parent(built("tests/probe"));
  parent.with_report = true;
  parent.uid = kNobody;
  parent.run(Message()
                 .text(Attribute::kNamespacePaths,
                       "net:" + proc(inner, "ns/net") + ",user:" + proc(outer, "ns/user") +
                           ",user:" + proc(inner, "ns/user") + ",uts:" + proc(inner, "ns/uts"))
                 .boolean(Attribute::kRootless, true)
                 .bytes());
  EXPECT_EQ("1000", parent.read_report()["uid"]) << parent.log();
  parent.finish_probe();
  kill(inner, SIGKILL);
  kill(outer, SIGKILL);
  waitpid(outer, nullptr, 0);
  for (const int fd : {outer_ready[0], outer_ready[1], inner_ready[0], inner_ready[1]}) close(fd);
}

TEST_F(IdentityTest, WritesIdMapsOf340Lines) {
  std::string map;
  for (int i = 0; i < 340; ++i) {
    map += std::to_string(i) + " " + std::to_string(1000 + i) + " 1\n";
  }
  start(Message().flags(CLONE_NEWUSER).text(Attribute::kUidMap, map).text(Attribute::kGidMap, map));
  EXPECT_EQ(map, map_of(pids_.stage2, "uid_map"));
  EXPECT_EQ(map, map_of(pids_.stage2, "gid_map"));
}

TEST_F(IdentityTest, AMapThatTheKernelRefusesIsFatalAndNamed) {
  const std::string fatal =
      fatal_of(Message().flags(CLONE_NEWUSER).text(Attribute::kUidMap, "0 0 10\n5 0 10\n"));
  EXPECT_TRUE(contains(fatal, "nsexec-0[")) << fatal;
  EXPECT_TRUE(contains(fatal, "write /proc/")) << fatal;
  EXPECT_TRUE(contains(fatal, "/uid_map: EINVAL")) << fatal;
}

TEST_F(IdentityTest, DeniesSetgroupsIfRootlessAndNotWanted) {
  const Message maps = Message()
                           .flags(CLONE_NEWUSER)
                           .text(Attribute::kUidMap, "0 65534 1\n")
                           .text(Attribute::kGidMap, "0 65534 1\n")
                           .boolean(Attribute::kRootless, true);
  parent_.uid = kNobody;
  start(maps);
  EXPECT_EQ("deny\n", read_file(proc(pids_.stage2, "setgroups")));
  EXPECT_EQ("0 65534 1\n", map_of(pids_.stage2, "gid_map"));
  EXPECT_EQ("0", report_["gid"]);
}

// Linux before 3.19 has neither the file nor the rule that setgroups must be denied.
TEST_F(IdentityTest, NeedsNoSetgroupsFile) {
  REQUIRE_ROOT();
  test::AnsweredCall open(SYS_openat2, [](int count) { return count == 0 ? ENOENT : 0; });
  parent_.before_exec = [&] { open.install(); };
  start(Message()
            .flags(CLONE_NEWUSER)
            .text(Attribute::kUidMap, "0 0 1\n")
            .text(Attribute::kGidMap, "0 0 1\n")
            .boolean(Attribute::kRootless, true));
  EXPECT_EQ("allow\n", read_file(proc(pids_.stage2, "setgroups"))) << "the stub wrote to setgroups";
}

TEST_F(IdentityTest, KeepsSetgroupsAllowedIfRootlessWantsIt) {
  start(Message()
            .flags(CLONE_NEWUSER)
            .text(Attribute::kUidMap, "0 0 1\n")
            .text(Attribute::kGidMap, "0 0 1\n")
            .boolean(Attribute::kRootless, true)
            .boolean(Attribute::kSetgroups, true));
  EXPECT_EQ("allow\n", read_file(proc(pids_.stage2, "setgroups")));
}

TEST_F(IdentityTest, AnOrdinaryUserWithoutToolsCannotMapOtherIds) {
  parent_.uid = kNobody;
  const std::string fatal = fatal_of(Message()
                                         .flags(CLONE_NEWUSER)
                                         .text(Attribute::kUidMap, "0 65534 1\n1 100000 10\n")
                                         .boolean(Attribute::kRootless, true));
  EXPECT_TRUE(contains(fatal, "/uid_map: EPERM")) << fatal;
}

// Runs as the user nobody with newuidmap(1) and newgidmap(1), which read /etc/subuid and
// /etc/subgid. The test runs in its own mount namespace, where it binds its own files over these.
TEST_F(IdentityTest, AnOrdinaryUserMapsOtherIdsWithNewuidmap) {
  if (!test::exists("/usr/bin/newuidmap")) GTEST_SKIP() << "newuidmap (package uidmap) is missing";
  const pid_t child = fork();
  if (child == 0) {
    const test::TemporaryDirectory directory;
    test::write_file(directory.file("sub"), "nobody:100000:65536\n");
    bool good = unshare(CLONE_NEWNS) == 0 &&
                mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    for (const char* file : {"/etc/subuid", "/etc/subgid"}) {
      if (!test::exists(file)) test::write_file(file, "");
      good = good && mount(directory.file("sub").c_str(), file, nullptr, MS_BIND, nullptr) == 0;
    }
    const std::string map = "0 65534 1\n1 100000 10\n11 100010 100\n";
    Parent parent(built("tests/probe"));
    parent.uid = kNobody;
    parent.with_report = true;
    const Pids pids = parent.run(Message()
                                     .flags(CLONE_NEWUSER | CLONE_NEWNS)
                                     .text(Attribute::kUidMap, map)
                                     .text(Attribute::kGidMap, map)
                                     .text(Attribute::kUidMapTool, "/usr/bin/newuidmap")
                                     .text(Attribute::kGidMapTool, "/usr/bin/newgidmap")
                                     .boolean(Attribute::kSetgroups, true)
                                     .boolean(Attribute::kRootless, true)
                                     .bytes());
    good = good && parent.read_report()["uid"] == "0";
    good = good && map_of(pids.stage2, "uid_map") == map && map_of(pids.stage2, "gid_map") == map;
    if (!good) fputs(parent.log(100ms).c_str(), stderr);
    parent.finish_probe();
    _exit(good && !HasFailure() ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0));
}

// A mapping tool that records how it is called: tests/tool writes its argv to a file named like its
// own path with ".args". It is not a shell script, because an initramfs has no shell.
class MapToolTest : public IdentityTest {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    chmod(directory_.path().c_str(), 0777);
    test::copy_program(built("tests/tool"), tool_);
    parent_.uid = kNobody;
  }
  Message message(const std::string& map) {
    return Message()
        .flags(CLONE_NEWUSER)
        .text(Attribute::kUidMap, map)
        .text(Attribute::kUidMapTool, tool_)
        .boolean(Attribute::kRootless, true);
  }
  void start_with_hanging_tool() {
    test::write_file(tool_ + ".status", "hang", 0666);
    parent_.start();
    parent_.send(message("0 65534 1\n1 100000 1\n").bytes());
    EXPECT_TRUE(test::eventually(test::kHangs, [&] { return !test::processes_of(tool_).empty(); }));
  }
  test::TemporaryDirectory directory_;
  std::string tool_ = directory_.file("tool");
};

TEST_F(MapToolTest, IsCalledWithPidAndAllNumbersAndNoEnvironment) {
  std::string map;
  std::string numbers;
  for (int i = 0; i < 340; ++i) {
    const std::string line = std::to_string(i) + " " + std::to_string(1000 + i) + " 1";
    map += line + "\n";
    numbers += " " + line;
  }
  // The tool maps no id, so the ids stay. The test only checks how the tool is called.
  start(message(map));
  const std::string called = read_file(tool_ + ".args");
  EXPECT_TRUE(contains(called, tool_ + " ")) << called;
  EXPECT_TRUE(contains(called, numbers + "\n")) << called;
  EXPECT_TRUE(contains(called, "environment 0\n")) << called;
}

TEST_F(MapToolTest, IsNotCalledIfTheWriteSucceeds) {
  parent_.uid = 0;
  start(message("0 0 1\n").text(Attribute::kGidMap, "0 0 1\n"));
  EXPECT_FALSE(test::exists(tool_ + ".args"));
}

TEST_F(MapToolTest, AFailureIsFatalAndNamesTheExitStatus) {
  test::write_file(tool_ + ".status", "3", 0666);
  const std::string fatal = fatal_of(message("0 65534 1\n1 100000 1\n"));
  EXPECT_TRUE(contains(fatal, "id map tool " + tool_ + ": exit status 3")) << fatal;
}

TEST_F(MapToolTest, AMissingToolIsFatalAndNamesTheErrno) {
  tool_ += "-not-there";
  const std::string fatal = fatal_of(message("0 65534 1\n1 100000 1\n"));
  EXPECT_TRUE(contains(fatal, "execve " + tool_ + ": ENOENT")) << fatal;
}

TEST_F(MapToolTest, AHangingToolIsKilledWhenTheParentCloses) {
  start_with_hanging_tool();
  EXPECT_EQ(1U, test::processes_of(tool_).size());
  parent_.close_init();
  EXPECT_TRUE(parent_.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent_.fatal(), "wait for " + tool_ + ": ECANCELED"));
  EXPECT_TRUE(test::all_gone(tool_));
  EXPECT_TRUE(test::all_gone(built("tests/probe")));
}

// Stage 0 has SIGPIPE blocked when it starts the tool, because it has written log records.
TEST_F(MapToolTest, RunsWithTheSignalMaskOfTheStart) {
  start_with_hanging_tool();
  ASSERT_EQ(1U, test::processes_of(tool_).size());
  const std::string status = read_file(proc(test::processes_of(tool_)[0], "status"));
  EXPECT_TRUE(contains(status, "SigBlk:\t0000000000000000\n")) << status;
  parent_.close_init();
  EXPECT_TRUE(parent_.wait_stage0().exited_with(1));
}

TEST_F(MapToolTest, IsWaitedForEvenIfTheParentIgnoresSigchld) {
  test::write_file(tool_ + ".status", "4", 0666);
  signal(SIGCHLD, SIG_IGN);  // inherited across execve
  parent_.start();
  signal(SIGCHLD, SIG_DFL);
  parent_.send(message("0 65534 1\n1 100000 1\n").bytes());
  EXPECT_TRUE(parent_.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent_.fatal(), "exit status 4")) << parent_.fatal();
}

TEST_F(IdentityTest, SetsOomScoreAdj) {
  start(Message().text(Attribute::kOomScoreAdj, "567"));
  EXPECT_EQ("567\n", read_file(proc(pids_.stage2, "oom_score_adj")));
}

TEST_F(IdentityTest, SetsOomScoreAdjBeforeGivingUpDumpability) {
  // Joining makes the process not dumpable. After that an ordinary user could not write the file.
  const pid_t inner = fork();
  if (inner == 0) {
    const bool ready = setgid(kNobody) == 0 && setuid(kNobody) == 0 &&
                       prctl(PR_SET_DUMPABLE, 1) == 0 && unshare(CLONE_NEWUSER) == 0;
    test::write_file("/proc/self/setgroups", "deny");
    test::write_file("/proc/self/uid_map", "0 65534 1\n");
    test::write_file("/proc/self/gid_map", "0 65534 1\n");
    test::write_file("/proc/self/comm", ready ? "ready" : "failed");
    for (;;) pause();
  }
  EXPECT_TRUE(
      test::eventually(test::kHangs, [&] { return read_file(proc(inner, "comm")) == "ready\n"; }));
  parent_.uid = kNobody;
  start(Message()
            .text(Attribute::kOomScoreAdj, "321")
            .text(Attribute::kNamespacePaths, "user:" + proc(inner, "ns/user"))
            .boolean(Attribute::kRootless, true));
  EXPECT_EQ("321\n", read_file(proc(pids_.stage2, "oom_score_adj")));
  kill(inner, SIGKILL);
  waitpid(inner, nullptr, 0);
}

TEST_F(IdentityTest, IsNotDumpableAfterJoining) {
  const test::Sleeper sleeper(CLONE_NEWNET);
  start(Message().text(Attribute::kNamespacePaths, "net:" + sleeper.namespace_path("net")));
  EXPECT_EQ("0", report_["dumpable"]);
}

TEST_F(IdentityTest, StaysDumpableIfItJoinsNothing) {
  start(Message());
  EXPECT_EQ("1", report_["dumpable"]);
}

TEST_F(IdentityTest, IsNotDumpableAfterJoiningAndMapping) {
  const test::Sleeper sleeper(CLONE_NEWNET);
  start(Message()
            .flags(CLONE_NEWUSER)
            .text(Attribute::kUidMap, "0 0 1\n")
            .text(Attribute::kGidMap, "0 0 1\n")
            .text(Attribute::kNamespacePaths, "net:" + sleeper.namespace_path("net")));
  EXPECT_EQ("0", report_["dumpable"]);
}

TEST_F(IdentityTest, SetsTimeOffsets) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  start(Message()
            .flags(CLONE_NEWTIME)
            .text(Attribute::kTimeOffsetsOrMountSources,
                  "monotonic 1000000 0\nboottime 5000000 0\n"));
  EXPECT_NEAR(double(now.tv_sec) + 1000000, std::stod(report_["monotonic"]), 30);
  timespec boot{};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  EXPECT_NEAR(double(boot.tv_sec) + 5000000, std::stod(report_["boottime"]), 30);
}

TEST_F(IdentityTest, BadTimeOffsetsAreFatalAndNamed) {
  const std::string fatal =
      fatal_of(Message()
                   .flags(CLONE_NEWTIME)
                   .text(Attribute::kTimeOffsetsOrMountSources, "monotonic one 0\n"));
  EXPECT_TRUE(contains(fatal, "/timens_offsets: EINVAL")) << fatal;
}

TEST_F(IdentityTest, AFakeFileInPlaceOfOomScoreAdjIsRefused) {
  const pid_t child = fork();
  if (child == 0) {
    const test::TemporaryDirectory directory;
    test::write_file(directory.file("victim"), "precious");
    const bool good = unshare(CLONE_NEWNS) == 0 &&
                      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    // The test cannot bind over a file below "self" beforehand, so it binds over all of /proc.
    const std::string fake = directory.file("proc");
    mkdir(fake.c_str(), 0755);
    mkdir((fake + "/self").c_str(), 0755);
    symlink(directory.file("victim").c_str(), (fake + "/self/oom_score_adj").c_str());
    Parent parent(built("nsexec-true"));
    parent.start();
    const std::string message = Message().text(Attribute::kOomScoreAdj, "1").bytes();
    parent.send(message.substr(0, 16));
    parent.wait_until_read();  // by now the binary is sealed, which uses the real /proc
    const bool hidden = mount(fake.c_str(), "/proc", nullptr, MS_BIND, nullptr) == 0;
    parent.send(message.substr(16));
    const bool refused = parent.wait_stage0().exited_with(1);
    umount2("/proc", MNT_DETACH);
    const bool named = contains(parent.fatal(), "open /proc: EOPNOTSUPP");
    const bool untouched = read_file(directory.file("victim")) == "precious";
    _exit(good && hidden && refused && named && untouched ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0));
}

TEST_F(IdentityTest, AMountOverOneProcFileIsRefused) {
  const pid_t child = fork();
  if (child == 0) {
    const test::TemporaryDirectory directory;
    test::write_file(directory.file("victim"), "precious");
    bool good = unshare(CLONE_NEWNS) == 0 &&
                mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    Parent parent(built("nsexec-true"));
    parent.start();
    good =
        good && mount(directory.file("victim").c_str(),
                      proc(parent.stage0, "oom_score_adj").c_str(), nullptr, MS_BIND, nullptr) == 0;
    parent.send(Message().text(Attribute::kOomScoreAdj, "1").bytes());
    const bool refused = parent.wait_stage0().exited_with(1);
    const bool named = contains(parent.fatal(), "open /proc/self/oom_score_adj: EXDEV");
    const bool untouched = read_file(directory.file("victim")) == "precious";
    _exit(good && refused && named && untouched ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child, 10s).exited_with(0));
}

// Tests the mount source attribute of dialect runc-1.1.
class MountSourcesTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
};

TEST_F(MountSourcesTest, ArriveOnTheirReservedFds) {
  const test::TemporaryDirectory directory;
  const int first = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int second = open("/dev/null", O_RDONLY | O_CLOEXEC);
  test::write_file(directory.file("a"), "");
  test::write_file(directory.file("b"), "");
  Parent parent(built("tests/probe-runc-1.1"));
  parent.with_report = true;
  parent.inherited = {first, second};
  parent.environment["_LIBCONTAINER_MOUNT_FDS"] =
      "[" + std::to_string(first) + ",-1," + std::to_string(second) + "]";
  parent.start();
  (void)parent.read_bytes(1);
  const std::string sources = directory.file("a") + '\0' + '\0' + directory.file("b") + '\0';
  parent.send(Message()
                  .flags(CLONE_NEWNS | CLONE_NEWUSER)
                  .text(Attribute::kUidMap, "0 100000 10\n")
                  .text(Attribute::kGidMap, "0 100000 10\n")
                  .add(27290, sources)
                  .bytes());
  const Pids pids = parent.read_pids();
  const auto report = parent.read_report();
  EXPECT_TRUE(contains(report.at("fds") + " ", " " + std::to_string(first) + "c "))
      << "not open, or without close-on-exec";
  EXPECT_EQ(directory.file("a"), test::read_link(proc(pids.stage2, "fd/" + std::to_string(first))));
  EXPECT_EQ(directory.file("b"),
            test::read_link(proc(pids.stage2, "fd/" + std::to_string(second))));
  EXPECT_TRUE(parent.wait_stage0().exited_with(0));
  parent.finish_probe();
  EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
  close(first);
  close(second);
}

TEST_F(MountSourcesTest, MayBeAHundred) {
  std::string sources;
  std::string fds = "[";
  std::vector<int> reserved;
  for (int i = 0; i < 100; ++i) {
    reserved.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    fds += (i == 0 ? "" : ",") + std::to_string(reserved.back());
    sources += std::string("/proc/self") + '\0';
  }
  Parent parent(built("tests/probe-runc-1.1"));
  parent.inherited = reserved;
  parent.environment["_LIBCONTAINER_MOUNT_FDS"] = fds + "]";
  parent.start();
  (void)parent.read_bytes(1);
  parent.send(Message().flags(CLONE_NEWNS).add(27290, sources).bytes());
  (void)parent.read_pids();
  EXPECT_TRUE(parent.wait_stage0().exited_with(0)) << parent.log();
  for (const int fd : reserved) close(fd);
}

TEST_F(MountSourcesTest, ThatCannotBeOpenedAreFatalAndNamed) {
  const int reserved = open("/dev/null", O_RDONLY | O_CLOEXEC);
  Parent parent(built("tests/probe-runc-1.1"));
  parent.inherited = {reserved};
  parent.environment["_LIBCONTAINER_MOUNT_FDS"] = "[" + std::to_string(reserved) + "]";
  parent.start();
  (void)parent.read_bytes(1);
  parent.send(Message().flags(CLONE_NEWNS).add(27290, std::string("/not/there") + '\0').bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "open mount source /not/there: ENOENT")) << parent.fatal();
  EXPECT_TRUE(test::all_gone(built("tests/probe-runc-1.1")));
  close(reserved);
}

TEST_F(MountSourcesTest, ThatDoNotMatchTheirFdsAreFatal) {
  Parent parent(built("tests/probe-runc-1.1"));
  parent.environment["_LIBCONTAINER_MOUNT_FDS"] = "[-1]";
  parent.start();
  parent.send(Message().add(27290, std::string("/a") + '\0').bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "_LIBCONTAINER_MOUNT_FDS")) << parent.fatal();
}

}  // namespace
