// Kills each stage and the parent at each step of the handshake. No process may hang.
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::Status;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

const std::string kProgram = "tests/probe-checkpoints";

// The checkpoints of one flow with all handshakes. The order is certain only between the
// checkpoints of one stage. `newest_stage` tells which stages exist then: 0, 0 and 1, or 0, 1 and
// 2.
struct Checkpoint {
  const char* name;
  int newest_stage;
};
constexpr Checkpoint kCheckpoints[] = {
    {"nsexec:started", 0},        {"nsexec:message-read", 0},    {"nsexec:creating-stage1", 0},
    {"stage0:created-stage1", 1}, {"stage1:started", 1},         {"stage1:opened", 1},
    {"stage1:joined", 1},         {"stage1:unshared-user", 1},   {"stage0:mapping", 1},
    {"stage0:mapped", 1},         {"stage1:mapped", 1},          {"stage1:unshared", 1},
    {"stage0:offsets-set", 1},    {"stage1:creating-stage2", 1}, {"stage1:created-stage2", 2},
    {"stage2:started", 2},        {"stage2:pids-sent", 2},       {"stage2:set-up", 2},
    {"stage2:ready-sent", 2},     {"stage0:ready", 2},
};

size_t index_of(const std::string& name) {
  const auto* found = std::find_if(std::begin(kCheckpoints), std::end(kCheckpoints),
                                   [&](const Checkpoint& point) { return name == point.name; });
  return static_cast<size_t>(found - std::begin(kCheckpoints));
}
bool before(size_t point, const char* name) { return point < index_of(name); }

// A flow that is stopped at one checkpoint.
class StoppedFlow {
 public:
  // Starts the flow and sends the message.
  explicit StoppedFlow(const std::string& checkpoint) {
    int ends[2];
    EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    socket_ = sys::Fd(ends[0]);
    parent.environment["_NSEXEC_CHECKPOINT_FD"] = std::to_string(ends[1]);
    parent.environment["_NSEXEC_CHECKPOINT"] = checkpoint;
    parent.inherited = {ends[1]};
    parent.start();
    close(ends[1]);
    parent.send(Message()
                    .flags(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWTIME)
                    .text(Attribute::kUidMap, "0 0 1\n")
                    .text(Attribute::kGidMap, "0 0 1\n")
                    .text(Attribute::kNamespacePaths, "net:" + sleeper_.namespace_path("net"))
                    .text(Attribute::kTimeOffsetsOrMountSources, "monotonic 10 0\n")
                    .bytes());
    char name[64] = {};
    const ssize_t size = recv(socket_.get(), name, sizeof name - 1, 0);
    EXPECT_EQ(checkpoint, std::string(name, size > 0 ? static_cast<size_t>(size) : 0));
  }

  // Returns the process with this stage's name that runs the program, or 0.
  static pid_t stage(int number) {
    const char* const names[] = {"runc:[0:PARENT]\n", "runc:[1:CHILD]\n", "runc:[2:INIT]\n"};
    for (const pid_t pid : test::processes_of(built(kProgram))) {
      if (test::read_file("/proc/" + std::to_string(pid) + "/comm") == names[number]) return pid;
    }
    return 0;
  }

  // Lets the stopped process continue.
  void go_on() { socket_.reset(); }

  Parent parent{built(kProgram)};

 private:
  test::Sleeper sleeper_{CLONE_NEWNET};
  sys::Fd socket_;
};

class DeathTest : public testing::TestWithParam<Checkpoint> {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    point_ = index_of(GetParam().name);
  }
  [[nodiscard]] bool before_point(const char* name) const { return before(point_, name); }
  // Reaps all children that have ended.
  static std::map<pid_t, Status> reap_all() {
    std::map<pid_t, Status> statuses;
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) statuses[pid] = {true, status};
    return statuses;
  }
  size_t point_ = 0;
};

// Returns whether a record says that `who` has ended, noticed while waiting for it or while sending
// to it.
bool misses(const std::string& fatal, const std::string& who) {
  return (contains(fatal, who) && contains(fatal, ": ended without a word")) ||
         (contains(fatal, "sendto " + who) && contains(fatal, ": EPIPE"));
}

TEST_P(DeathTest, WithoutADeathTheStartSucceeds) {
  StoppedFlow flow(GetParam().name);
  flow.go_on();
  EXPECT_TRUE(flow.parent.wait_stage0().exited_with(0)) << flow.parent.log();
  EXPECT_TRUE(test::all_gone(built(kProgram)));
  EXPECT_EQ("", flow.parent.fatal());
}

TEST_P(DeathTest, OfStage0EndsTheOtherStages) {
  StoppedFlow flow(GetParam().name);
  kill(flow.parent.stage0, SIGKILL);
  const Status death = flow.parent.wait_stage0();
  // Where stage 2 may have reported, stage 0 may have ended before the signal.
  const bool reported =
      std::string(GetParam().name) == "stage1:created-stage2" || !before_point("stage2:ready-sent");
  EXPECT_TRUE(death.killed_by(SIGKILL) || (reported && death.exited_with(0))) << death;
  flow.go_on();
  EXPECT_TRUE(test::all_gone(built(kProgram)));
  // A stage that still needs stage 0 reports that it is gone. Once stage 2 has reported, no stage
  // needs it.
  const bool survivor_fails = GetParam().newest_stage > 0 && before_point("stage2:ready-sent");
  // If stage 1 is stopped after its last step, stage 2 may have reported already.
  const bool race = std::string(GetParam().name) == "stage1:created-stage2";
  EXPECT_TRUE(race || survivor_fails == misses(flow.parent.fatal(), "stage 0"))
      << flow.parent.log();
}

class DeathWithStage1Test : public DeathTest {};
class DeathWithStage2Test : public DeathTest {};

TEST_P(DeathWithStage1Test, OfStage1MakesStage0FailUntilStage2Exists) {
  StoppedFlow flow(GetParam().name);
  const bool at_first_point = std::string(GetParam().name) == "stage0:created-stage1";
  pid_t stage1 = StoppedFlow::stage(1);
  // If stage 0 is the one that is stopped, stage 1 continues to its next request, or to its end.
  if (stage1 != 0) kill(stage1, SIGKILL);
  flow.go_on();
  const Status verdict = flow.parent.wait_stage0();
  EXPECT_TRUE(verdict.ended);
  EXPECT_TRUE(test::all_gone(built(kProgram)));
  if (before_point("stage1:created-stage2") && !at_first_point) {
    EXPECT_TRUE(verdict.exited_with(1)) << verdict << flow.parent.log();
    const std::string fatal = flow.parent.fatal();
    EXPECT_TRUE(misses(fatal, "stage")) << fatal;
    EXPECT_EQ(0U, fatal.find("nsexec-0[")) << fatal;
  } else if (!at_first_point) {
    EXPECT_TRUE(verdict.exited_with(0)) << verdict << flow.parent.log();
  }
}

TEST_P(DeathWithStage2Test, OfStage2MakesStage0FailUntilItHasReported) {
  StoppedFlow flow(GetParam().name);
  pid_t stage2 = 0;
  for (int i = 0; i < 100 && stage2 == 0; ++i, usleep(1000)) stage2 = StoppedFlow::stage(2);
  const bool is_stopped_itself = contains(GetParam().name, "stage2:");
  if (stage2 != 0) kill(stage2, SIGKILL);
  flow.go_on();
  const Status verdict = flow.parent.wait_stage0();
  EXPECT_TRUE(test::all_gone(built(kProgram)));
  if (is_stopped_itself && before_point("stage2:ready-sent")) {
    EXPECT_TRUE(verdict.exited_with(1)) << verdict << flow.parent.log();
    EXPECT_TRUE(contains(flow.parent.fatal(), "stages 1 and 2: ended without a word"));
  } else if (is_stopped_itself) {
    EXPECT_TRUE(verdict.exited_with(0)) << verdict << flow.parent.log();
  } else {
    EXPECT_TRUE(verdict.ended);
  }
}

TEST_P(DeathTest, ClosingTheInitPipeEndsAllStages) {
  StoppedFlow flow(GetParam().name);
  flow.parent.close_init();
  flow.go_on();
  const Status verdict = flow.parent.wait_stage0();
  EXPECT_TRUE(test::all_gone(built(kProgram)));
  // After the pid line nothing is written to the init pipe. If the pipe is closed while stage 1 or
  // 2 runs, the line may or may not be written.
  if (before_point("stage1:created-stage2")) {
    EXPECT_TRUE(verdict.exited_with(1)) << verdict << flow.parent.log();
    EXPECT_TRUE(contains(flow.parent.fatal(), "init pipe: EPIPE") ||
                contains(flow.parent.fatal(), "init pipe: ECONNRESET"))
        << flow.parent.fatal();
  } else {
    EXPECT_TRUE(verdict.ended);
  }
}

TEST_P(DeathTest, ClosingTheLogPipeChangesNothing) {
  StoppedFlow flow(GetParam().name);
  flow.parent.close_log();
  flow.go_on();
  const Status verdict = flow.parent.wait_stage0();
  EXPECT_TRUE(verdict.exited_with(0)) << verdict;
  EXPECT_TRUE(test::all_gone(built(kProgram)));
}

// The parent is a process of its own and is killed. This process becomes the reaper of its
// children.
TEST_P(DeathTest, OfTheParentLeavesNoProcess) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int stopped[2];
  ASSERT_EQ(0, pipe(stopped));
  const pid_t parent = fork();
  if (parent == 0) {
    auto* flow = new StoppedFlow(GetParam().name);
    (void)!write(stopped[1], &flow->parent.stage0, sizeof(pid_t));
    for (;;) pause();  // keeps the flow stopped
  }
  pid_t stage0 = 0;
  ASSERT_EQ(ssize_t{sizeof stage0}, read(stopped[0], &stage0, sizeof stage0));
  kill(parent, SIGKILL);  // also closes the checkpoint's socket, so the flow continues
  EXPECT_TRUE(test::wait_for(parent).killed_by(SIGKILL));
  const Status verdict = test::wait_for(stage0);
  EXPECT_TRUE(verdict.ended);
  EXPECT_TRUE(!before_point("stage1:created-stage2") || verdict.exited_with(1)) << verdict;
  EXPECT_TRUE(test::all_gone(built(kProgram)));
  reap_all();
  close(stopped[0]);
  close(stopped[1]);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_P(DeathTest, StoppingAllStagesForAWhileChangesNothing) {
  StoppedFlow flow(GetParam().name);
  const auto pids = test::processes_of(built(kProgram));
  for (const pid_t pid : pids) kill(pid, SIGSTOP);
  flow.go_on();
  usleep(2000);
  for (const pid_t pid : pids) kill(pid, SIGCONT);
  EXPECT_TRUE(flow.parent.wait_stage0().exited_with(0)) << flow.parent.log();
  EXPECT_TRUE(test::all_gone(built(kProgram)));
}

std::vector<Checkpoint> with_stage(int stage) {
  std::vector<Checkpoint> points;
  std::copy_if(std::begin(kCheckpoints), std::end(kCheckpoints), std::back_inserter(points),
               [&](const Checkpoint& point) { return point.newest_stage >= stage; });
  return points;
}

std::string name_of(const testing::TestParamInfo<Checkpoint>& each) {
  std::string name = each.param.name;
  std::replace(name.begin(), name.end(), ':', '_');
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(At, DeathTest, testing::ValuesIn(kCheckpoints), name_of);
INSTANTIATE_TEST_SUITE_P(At, DeathWithStage1Test, testing::ValuesIn(with_stage(1)), name_of);
INSTANTIATE_TEST_SUITE_P(At, DeathWithStage2Test, testing::ValuesIn(with_stage(2)), name_of);

TEST(Stages, HaveTheProcessNamesOfTheConfiguration) {
  REQUIRE_ROOT();
  StoppedFlow flow("stage1:unshared");
  EXPECT_EQ(flow.parent.stage0, StoppedFlow::stage(0));
  EXPECT_NE(0, StoppedFlow::stage(1));
  flow.go_on();
  EXPECT_TRUE(flow.parent.wait_stage0().exited_with(0));
}

TEST(Stages, Stage0EndsOnlyWhenStage2IsSetUp) {
  REQUIRE_ROOT();
  StoppedFlow flow("stage2:set-up");
  const auto pids = flow.parent.read_pids();
  EXPECT_TRUE(test::wait_for(pids.stage1).exited_with(0)) << "stage 1 must not wait";
  EXPECT_FALSE(flow.parent.wait_stage0(50ms).ended) << "stage 0 must wait";
  flow.go_on();
  EXPECT_TRUE(flow.parent.wait_stage0().exited_with(0));
}

TEST(Death, OfTheParentWhileTheMessageIsReadEndsStage0) {
  Parent parent(built("nsexec-true"));
  parent.start();
  parent.send(Message().flags(0).bytes().substr(0, 10));
  parent.close_init();
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "end of file")) << parent.fatal();
}

}  // namespace
