// Records the system calls of whole starts, for the model of the handshake (proofs/handshake). With
// NSEXEC_TRACES=DIRECTORY the traces are written there, and also those of starts in which one call
// fails or one process is killed.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <sstream>

#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::SupervisedCall;
using test::Supervisor;
using test::Verdict;

struct Flow {
  std::string program;
  std::string message;
  bool ready_byte = false;   // the parent waits for it
  bool told = false;         // the parent sends 0x80 after the pid line
  const char* refused = "";  // the write to this file of /proc fails with EPERM
  std::vector<int> inherited = {};
  test::Environment environment = {};
};

// What the supervisor does to one call.
struct Disturbance {
  int process = -1;
  int index = -1;
  Verdict verdict = {};
};

struct Trace {
  std::vector<std::string> lines;
  std::vector<SupervisedCall> calls;
  int verdict = -1;  // 0 and 1: stage 0's exit status; 2: killed
  size_t records = 0;
};

// What else a trace says of a call: a path, the first byte that is sent, or the file of a
// descriptor.
std::string about(const SupervisedCall& call) {
  switch (call.number) {
    case SYS_openat:
    case SYS_openat2:
      return test::text_of(call, 1);
    case SYS_sendto:
      return std::to_string(test::text_of(call, 1)[0]);
    case SYS_close:
    case SYS_read:
    case SYS_write: {
      std::string file = test::read_link("/proc/" + std::to_string(call.pid) + "/fd/" +
                                         std::to_string(call.arguments[0]));
      return file.empty() ? "nothing" : file;
    }
    default:
      return "-";
  }
}

class TraceTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    // Does what newuidmap does.
    test::write_file(tool_, "#!/bin/sh\necho \"$2 $3 $4\" > /proc/$1/uid_map\n", 0755);
  }
  void TearDown() override { prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); }

  std::map<std::string, Flow> flows() {
    const std::string program = built("nsexec-true");
    std::map<std::string, Flow> all;
    all["plain"] = {program, Message().flags(CLONE_NEWPID | CLONE_NEWUTS).bytes()};
    all["nothing"] = {program, Message().bytes()};
    std::string paths;
    for (const char* type : {"net", "user", "mnt"}) {
      paths += (paths.empty() ? "" : ",") + std::string(type) + ":" + sleeper_.namespace_path(type);
    }
    all["join"] = {program, Message()
                                .text(Attribute::kNamespacePaths, paths)
                                .text(Attribute::kOomScoreAdj, "500")
                                .bytes()};
    Message user;
    user.flags(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWTIME)
        .text(Attribute::kUidMap, "0 0 1\n")
        .text(Attribute::kGidMap, "0 0 1\n");
    all["user-namespace"] = {program, user.bytes()};
    Message offsets = user;
    offsets.boolean(Attribute::kSetgroups, true)
        .text(Attribute::kTimeOffsetsOrMountSources, "monotonic 10 0\n");
    all["time-offsets"] = {program, offsets.bytes()};
    Message rootless = user;
    rootless.boolean(Attribute::kRootless, true);
    all["rootless"] = {program, rootless.bytes()};
    Message tool = user;
    tool.text(Attribute::kUidMapTool, tool_);
    all["map-tool"] = {program, tool.bytes(), false, false, "/uid_map"};
    const Message old = Message().flags(CLONE_NEWNS | CLONE_NEWCGROUP);
    Message sources = old;
    sources.add(27290, tool_ + '\0' + '\0' + tool_ + '\0');
    const std::string reserved = std::to_string(reserved_.get());
    all["mount-sources"] = {
        built("tests/probe-runc-1.1"),
        sources.bytes(),
        true,
        false,
        "",
        {reserved_.get()},
        {{"_LIBCONTAINER_MOUNT_FDS", "[" + reserved + ",-1," + reserved + "]"}}};
    all["runc-1.1"] = {built("tests/probe-runc-1.1"), old.bytes(), true};
    all["runc-1.0"] = {built("tests/probe-runc-1.0"), old.bytes(), true, true};
    all["runc-2019"] = {built("tests/probe-runc-2019"), old.bytes(), false, true};
    return all;
  }

  static Trace record(const Flow& flow, const Disturbance& disturbance) {
    Trace trace;
    std::map<int, bool> opened_refused;  // the next write of this process is to the refused file
    Supervisor supervisor([&](const SupervisedCall& call) {
      Verdict verdict;
      const std::string what = about(call);
      if (call.number == SYS_openat2) {
        opened_refused[call.process] = *flow.refused != '\0' && contains(what, flow.refused);
      } else if (call.number == SYS_write && opened_refused[call.process]) {
        opened_refused[call.process] = false;
        verdict = {Verdict::kFail, EPERM};
      }
      if (call.process == disturbance.process && call.index == disturbance.index) {
        verdict = disturbance.verdict;
        opened_refused[call.process] = false;
      }
      const int result = verdict.what == Verdict::kContinue ? 0
                         : verdict.what == Verdict::kKill   ? 2
                         : verdict.error == EPERM           ? 3
                                                            : 1;
      std::ostringstream line;
      line << call.process << " " << test::name_of(call) << " " << call.arguments[0] << " "
           << call.arguments[1] << " " << call.arguments[2] << " " << result << " " << what;
      trace.lines.push_back(line.str());
      return verdict;
    });
    Parent parent(flow.program);
    parent.environment = flow.environment;
    parent.log_level = 4;  // no debug records: each is one more call
    parent.inherited = flow.inherited;
    parent.before_exec = [&] { supervisor.install(); };
    parent.start();
    const pid_t stage0 = parent.stage0;
    parent.stage0 = 0;  // so that ~Parent does not reap
    if (flow.ready_byte) (void)parent.read_bytes(1);
    parent.send(flow.message);
    (void)parent.read_line();
    if (flow.told) parent.send("\x80");
    const test::Status status = test::wait_for(stage0);
    trace.verdict = status.exited_with(0) ? 0 : status.exited_with(1) ? 1 : 2;
    EXPECT_TRUE(test::eventually(test::kHangs, [] {
      while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
      return test::children_of(getpid()).size() <= kSleepers;
    }));
    for (const auto& each : test::parse_log(parent.log())) trace.records += each.level == "fatal";
    trace.calls = supervisor.finish();
    return trace;
  }

  void write(const std::string& name, const Trace& trace) const {
    std::string text;
    for (const std::string& line : trace.lines) text += line + "\n";
    text += "end " + std::to_string(trace.verdict) + " " + std::to_string(trace.records) + "\n";
    test::write_file(traces_ + "/" + name, text);
  }

  // The process that keeps the namespaces to join.
  static constexpr size_t kSleepers = 1;

  const char* wanted_ = getenv("NSEXEC_TRACES");
  test::TemporaryDirectory directory_;
  std::string traces_ = wanted_ != nullptr ? wanted_ : directory_.path();
  std::string tool_ = directory_.file("tool");
  test::Sleeper sleeper_{CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS};
  sys::Fd reserved_{open("/dev/null", O_RDONLY | O_CLOEXEC)};
};

TEST_F(TraceTest, IsRecordedOfEachFlow) {
  for (const auto& [name, flow] : flows()) {
    const Trace good = record(flow, {});
    EXPECT_EQ(0, good.verdict) << name;
    EXPECT_EQ(0U, good.records) << name;
    write(name, good);
    if (wanted_ == nullptr || getenv("NSEXEC_TRACES_UNDISTURBED") != nullptr) continue;
    bool reads = false;
    std::set<int> strangers;  // processes that have executed the tool
    for (const SupervisedCall& call : good.calls) {
      // What comes before the message is read is no part of the handshake.
      reads = reads || (call.process == 0 && call.number == SYS_read && call.arguments[2] == 16);
      if (!reads || strangers.count(call.process) != 0) continue;
      if (call.number == SYS_execve) strangers.insert(call.process);
      const std::string point =
          name + "." + std::to_string(call.process) + "." + std::to_string(call.index);
      write(point + ".fails", record(flow, {call.process, call.index, {Verdict::kFail, EIO}}));
      write(point + ".killed", record(flow, {call.process, call.index, {Verdict::kKill}}));
    }
  }
}

}  // namespace
