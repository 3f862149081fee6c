// Tests the protocol as a parent sees it: environment, message, pid line, log records, status.
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::Pids;
using test::Status;

const std::string kTrue = "nsexec-true";
const std::string kProbe = "tests/probe";

// Sends a message that the stub must refuse with one fatal record with this text and status 1. No
// process may be left.
void expect_refused(const std::string& bytes, const std::string& text, bool at_end = false) {
  Parent parent(built(kTrue));
  parent.start();
  parent.send(bytes);
  if (at_end) shutdown(parent.init_fd(), SHUT_WR);
  const Status verdict = parent.wait_stage0();
  EXPECT_TRUE(verdict.exited_with(1)) << verdict << " for: " << text;
  const std::string fatal = parent.fatal();
  EXPECT_TRUE(contains(fatal, text)) << "got: " << fatal << "\nnot: " << text;
  EXPECT_TRUE(test::all_gone(built(kTrue)));
}

TEST(ProtocolVariables, WithoutAnInitPipeTheProgramRunsAtOnce) {
  EXPECT_TRUE(test::run_command({built(kTrue)}).status.exited_with(0));
  const test::Outcome empty = test::run_command(
      {built(kTrue)}, {.uid = 0, .environment = {{"_LIBCONTAINER_INITPIPE", ""}}});
  EXPECT_TRUE(empty.status.exited_with(0));
  EXPECT_EQ("", empty.err);
}

TEST(ProtocolVariables, MalformedVariablesAreFatalAndNamed) {
  for (const std::string name :
       {"_LIBCONTAINER_INITPIPE", "_LIBCONTAINER_LOGPIPE", "_LIBCONTAINER_LOGLEVEL"}) {
    for (const std::string value : {"x", "-1", "3 ", "99999999999"}) {
      const test::Outcome outcome =
          test::run_command({built(kTrue)}, {.uid = 0,
                                             .environment = {
                                                 {"_LIBCONTAINER_INITPIPE", "99"},
                                                 {name, value},
                                             }});
      // The map keeps the first of two equal names, so the init pipe's variable is set alone.
      const test::Outcome alone =
          test::run_command({built(kTrue)}, {.uid = 0, .environment = {{name, value}}});
      const test::Outcome& tried = name == "_LIBCONTAINER_INITPIPE" ? alone : outcome;
      EXPECT_TRUE(tried.status.exited_with(1)) << name << "=" << value << " " << tried.status;
      EXPECT_TRUE(contains(tried.err, name + "=" + value + ": not a decimal")) << tried.err;
    }
  }
}

TEST(ProtocolVariables, MalformedVariablesGoToTheLogPipeIfThereIsOne) {
  Parent parent(built(kTrue));
  parent.environment["_LIBCONTAINER_INITPIPE"] = "three";
  parent.start();
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "_LIBCONTAINER_INITPIPE=three: not a decimal"));
}

TEST(ProtocolVariables, FatalErrorsGoToStderrWithoutALogPipe) {
  Parent parent(built(kTrue));
  parent.with_log = false;  // then log() reads stderr
  parent.start();
  parent.send(Message().bytes(7));
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.log(), "nsexec[")) << parent.log();
  EXPECT_TRUE(contains(parent.log(), "]: bootstrap message: length: 7: under 16\n"));
}

TEST(ProtocolVariables, EmptyLogVariablesCountAsUnset) {
  Parent parent(built(kTrue));
  parent.with_log = false;
  parent.environment["_LIBCONTAINER_LOGPIPE"] = "";
  parent.environment["_LIBCONTAINER_LOGLEVEL"] = "";
  parent.run(Message().bytes());
  EXPECT_EQ("", parent.log());
}

TEST(Message, IsReadInAnyPieces) {
  const std::string bytes = Message()
                                .text(Attribute::kOomScoreAdj, "500")
                                .text(Attribute::kUidMapTool, "/x")
                                .boolean(Attribute::kSetgroups, true)
                                .bytes();
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{15}, size_t{17}, bytes.size()}) {
    Parent parent(built(kTrue));
    parent.start();
    for (size_t i = 0; i < bytes.size(); i += piece) {
      parent.send(bytes.substr(i, piece));
      usleep(300);
    }
    const Pids pids = parent.read_pids();
    EXPECT_TRUE(parent.wait_stage0().exited_with(0));
    EXPECT_TRUE(test::wait_for(pids.stage1).exited_with(0));
    EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
  }
}

TEST(Message, IsReadToItsEndAndNoByteFurther) {
  Parent parent(built(kProbe));
  parent.with_report = true;
  parent.environment["PROBE_READ"] = "11";
  const Pids pids = parent.run(Message().flags(0).bytes() + "{\"config\":1");
  EXPECT_EQ("{\"config\":1", parent.read_report()["rest"]);
  parent.finish_probe();
  EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
}

TEST(Message, MayBeEmpty) { Parent(built(kTrue)).run(Message().bytes()); }

TEST(Message, MayBeLarge) {
  Message message;
  for (int i = 0; i < 200; ++i) message.add(27288, std::string(60000, 'x'));
  Parent(built(kTrue)).run(message.bytes());
}

TEST(Message, BadHeadersAreFatal) {
  expect_refused(Message().bytes(15), "bootstrap message: length: 15: under 16");
  expect_refused(Message().bytes(0), "bootstrap message: length: 0: under 16");
  expect_refused(Message().bytes((16 << 20) + 1), "length: 16777217: over 16 MiB");
  expect_refused(Message().bytes({}, 61999), "bootstrap message: type: 61999: not 62000");
  expect_refused(Message().bytes({}, 2), "type: 2: the parent has failed");
}

TEST(Message, AnEndInTheMiddleIsFatal) {
  const std::string bytes = Message().flags(0).text(Attribute::kUidMapTool, "/tool").bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    expect_refused(bytes.substr(0, size), "bootstrap message: end of file", true);
  }
}

TEST(Message, BadAttributesAreFatalWithTheirNameAndValue) {
  expect_refused(Message().flags(CLONE_VM).bytes(), "clone flags: 256: not only namespaces");
  expect_refused(Message().add(27281, "abc").bytes(), "clone flags: 3: size is under 4");
  expect_refused(Message().add(28000, "").bytes(), "attribute: 28000: unknown");
  expect_refused(Message().text(Attribute::kNamespacePaths, "foo:/x").bytes(),
                 "namespace paths: foo:/x: not a type and a colon");
  expect_refused(Message().text(Attribute::kNamespacePaths, "").bytes(),
                 "namespace paths: : not a type and a colon");
  expect_refused(Message().text(Attribute::kNamespacePaths, "net").bytes(),
                 "namespace paths: net: not a type and a colon");
  expect_refused(Message().text(Attribute::kNamespacePaths, "net:").bytes(),
                 "namespace paths: net:: the path is empty");
  expect_refused(Message().text(Attribute::kOomScoreAdj, "1001").bytes(),
                 "oom_score_adj: 1001: not a decimal from -1000 to 1000");
  expect_refused(Message().text(Attribute::kUidMap, "0 0").bytes(), "uid map: 0 0: not lines of");
  expect_refused(Message().add(27288, std::string("/a\0b", 4)).bytes(),
                 "uid map tool: /a: a NUL inside");
  expect_refused(Message().add(27285, "ab").bytes(), "setgroups: 2: size is neither 4 nor 1");
  expect_refused(Message().raw(test::native16(3) + test::native16(27281)).bytes(),
                 "clone flags: 3: length is under 4");
  expect_refused(Message().raw(test::native16(64) + test::native16(27281)).bytes(),
                 "clone flags: 64: length is past the end");
}

TEST(Message, IsCheckedCompletelyBeforeItIsActedOn) {
  // The bad attribute is the last one. The attributes before it must have had no effect.
  const std::string before = test::read_file("/proc/self/oom_score_adj");
  Parent parent(built(kTrue));
  parent.start();
  parent.send(Message().text(Attribute::kOomScoreAdj, "777").add(30000, "").bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_EQ("", parent.read_line());
  EXPECT_FALSE(contains(parent.log(), "nsexec container setup"));
  EXPECT_EQ(before, test::read_file("/proc/self/oom_score_adj"));
}

TEST(PidLine, NamesTwoChildrenOfTheParent) {
  Parent parent(built(kProbe));
  parent.with_report = true;
  const Pids pids = parent.run(Message().bytes());
  const auto report = parent.read_report();
  EXPECT_EQ(std::to_string(pids.stage2), report.at("pid"));
  EXPECT_EQ(std::to_string(getpid()), report.at("ppid"));
  parent.finish_probe();
  EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
}

TEST(PidLine, HasExactlyTheKeysOfTheDialect) {
  const std::pair<std::string, std::string> cases[] = {
      {"tests/probe", "{\"stage1_pid\":%d,\"stage2_pid\":%d}"},
      {"tests/probe-runc-1.1", "{\"stage1_pid\":%d,\"stage2_pid\":%d}"},
      {"tests/probe-runc-1.0", "{\"stage1_pid\":%d,\"stage2_pid\":%d}"},
      {"tests/probe-runc-2019", "{\"pid\": %d, \"pid_first\": %d}"},
  };
  // In a new pid namespace, too, the pids are those that the parent sees.
  const unsigned pid_namespace = test::is_root() ? CLONE_NEWPID : 0;
  for (const auto& [program, format] : cases) {
    Parent parent(built(program));
    parent.start();
    const bool ready_byte = contains(program, "1.1") || contains(program, "1.0");
    EXPECT_EQ(std::string(ready_byte ? 1 : 0, '\0'), parent.read_bytes(ready_byte ? 1 : 0));
    parent.send(Message().flags(pid_namespace).bytes());
    const std::string line = parent.read_line();
    int first = 0;
    int second = 0;
    ASSERT_EQ(2, sscanf(line.c_str(), format.c_str(), &first, &second)) << line;
    char again[128];
    snprintf(again, sizeof again, format.c_str(), first, second);
    EXPECT_EQ(again, line);
    EXPECT_TRUE(parent.wait_stage0().exited_with(0));
    EXPECT_TRUE(test::wait_for(first).exited_with(0));
    EXPECT_TRUE(test::wait_for(second).exited_with(0));
  }
}

TEST(ReadyByte, IsSentBeforeTheMessageIsRead) {
  for (const std::string program : {"tests/probe-runc-1.1", "tests/probe-runc-1.0"}) {
    Parent parent(built(program));
    parent.start();
    EXPECT_EQ(std::string(1, '\0'), parent.read_bytes(1)) << program;
    parent.send(Message().bytes());
    (void)parent.read_pids();
    EXPECT_TRUE(parent.wait_stage0().exited_with(0));
  }
  for (const std::string program : {"tests/probe", "tests/probe-runc-2019"}) {
    Parent parent(built(program));
    parent.start();
    EXPECT_EQ("", parent.read_bytes(1, test::Duration(50))) << program;
  }
}

TEST(CgroupNamespace, IsCreatedAfterTheByteInTheOlderDialects) {
  REQUIRE_ROOT();
  for (const std::string program : {"tests/probe-runc-1.0", "tests/probe-runc-2019"}) {
    Parent parent(built(program));
    parent.with_report = true;
    parent.start();
    if (contains(program, "1.0")) (void)parent.read_bytes(1);
    parent.send(Message().flags(CLONE_NEWCGROUP).bytes());
    const Pids pids = parent.read_pids();
    EXPECT_FALSE(parent.wait_stage0(test::Duration(50)).ended) << "the stub must wait for the byte";
    parent.send("\x80");
    EXPECT_TRUE(parent.wait_stage0().exited_with(0));
    (void)parent.read_report();
    EXPECT_NE(test::namespace_id("self", "cgroup"),
              test::namespace_id(std::to_string(pids.stage2), "cgroup"));
    parent.finish_probe();
    EXPECT_TRUE(test::wait_for(pids.stage2).exited_with(0));
  }
}

TEST(CgroupNamespace, AnotherByteOrTheEndIsFatal) {
  REQUIRE_ROOT();
  for (const std::string byte : {"\x81", "x", ""}) {
    Parent parent(built("tests/probe-runc-1.0"));
    parent.start();
    (void)parent.read_bytes(1);
    parent.send(Message().flags(CLONE_NEWCGROUP).bytes());
    (void)parent.read_pids();
    parent.send(byte);
    if (byte.empty()) shutdown(parent.init_fd(), SHUT_WR);
    EXPECT_TRUE(parent.wait_stage0().exited_with(1));
    EXPECT_TRUE(contains(parent.fatal(), "no byte 0x80")) << parent.fatal();
  }
}

TEST(CgroupNamespace, IsCreatedInStage2InDialect11) {
  REQUIRE_ROOT();
  Parent parent(built("tests/probe-runc-1.1"));
  parent.with_report = true;
  parent.start();
  (void)parent.read_bytes(1);
  parent.send(Message().flags(CLONE_NEWCGROUP).bytes());
  const Pids pids = parent.read_pids();
  EXPECT_TRUE(parent.wait_stage0().exited_with(0));
  (void)parent.read_report();
  EXPECT_NE(test::namespace_id("self", "cgroup"),
            test::namespace_id(std::to_string(pids.stage2), "cgroup"));
  EXPECT_FALSE(contains(parent.log(test::Duration(10)), "unshared cgroup"));
}

TEST(Attribute27290, IsUnknownInTheOldestDialects) {
  for (const std::string program : {"tests/probe-runc-1.0", "tests/probe-runc-2019"}) {
    Parent parent(built(program));
    parent.start();
    parent.send(Message().text(Attribute::kTimeOffsetsOrMountSources, "monotonic 1 0\n").bytes());
    EXPECT_TRUE(parent.wait_stage0().exited_with(1));
    EXPECT_TRUE(contains(parent.fatal(), "27290")) << parent.fatal();
  }
}

TEST(Log, HasTheRecordsThatParentsExpect) {
  Parent parent(built(kTrue));
  parent.run(Message().bytes());
  const auto records = test::parse_log(parent.log());
  ASSERT_GE(records.size(), 2U);
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof cpus, &cpus);
  unsigned long mask = 0;
  memcpy(&mask, &cpus, sizeof mask);
  char expected[64];
  snprintf(expected, sizeof expected, "nsexec[%d]: affinity: 0x%lx", parent.stage0, mask);
  EXPECT_EQ(expected, records[0].message);
  EXPECT_EQ("debug", records[0].level);
  int affinities = 0;
  int setups = 0;
  for (const test::LogRecord& record : records) {
    EXPECT_EQ("debug", record.level);
    if (contains(record.message, "affinity")) ++affinities;
    if (record.message ==
        "nsexec[" + std::to_string(parent.stage0) + "]: => nsexec container setup") {
      ++setups;
    }
  }
  EXPECT_EQ(1, affinities) << "the sealed binary must not log it again";
  EXPECT_EQ(1, setups);
}

TEST(Log, DropsRecordsAboveTheLevel) {
  for (const int level : {0, 1, 4}) {
    Parent parent(built(kTrue));
    parent.log_level = level;
    parent.run(Message().bytes());
    EXPECT_EQ("", parent.log()) << level;
  }
  Parent panic(built(kTrue));
  panic.log_level = 0;
  panic.start();
  panic.send(Message().bytes(3));
  EXPECT_TRUE(panic.wait_stage0().exited_with(1));
  EXPECT_EQ("", panic.log()) << "a fatal record is above level 0";
}

TEST(Log, HasLevelDebugByDefault) {
  Parent parent(built(kTrue));
  parent.environment["_LIBCONTAINER_LOGLEVEL"] = "";
  parent.run(Message().bytes());
  EXPECT_TRUE(contains(parent.log(), "nsexec container setup"));
}

TEST(Log, IsValidJsonForAnyBytesInPaths) {
  for (const std::string bytes :
       {"\"", "\\", "\n", "\x01", "\x7f", "\xff\xfe", "\xc0\x80", "\xed\xa0\x80", "ü", "€"}) {
    Parent parent(built(kTrue));
    parent.start();
    parent.send(Message().text(Attribute::kNamespacePaths, "net:/no/" + bytes + "/file").bytes());
    EXPECT_TRUE(parent.wait_stage0().exited_with(1));
    EXPECT_TRUE(contains(parent.fatal(), "open namespace net:/no/")) << parent.log();
    EXPECT_TRUE(contains(parent.fatal(), "/file: ENOENT")) << parent.log();
  }
}

TEST(Log, ARecordWithATooLongPathIsStillValid) {
  Parent parent(built(kTrue));
  parent.start();
  parent.send(
      Message().text(Attribute::kNamespacePaths, "net:/" + std::string(9000, '\x02')).bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "open namespace net:/")) << parent.log();
}

TEST(Log, NamesTheStageCallObjectAndErrno) {
  Parent parent(built(kTrue));
  parent.start();
  parent.send(Message().text(Attribute::kNamespacePaths, "net:/proc/self/ns/uts").bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  const std::string fatal = parent.fatal();
  EXPECT_EQ(0U, fatal.find("nsexec-1[")) << fatal;
  EXPECT_TRUE(contains(fatal, "]: setns net:/proc/self/ns/uts: EINVAL")) << fatal;
}

TEST(Failing, LeavesNoProcessAndReturnsStatus1) {
  Parent parent(built(kTrue));
  parent.start();
  parent.send(Message().text(Attribute::kNamespacePaths, "net:/nonexistent").bytes());
  EXPECT_TRUE(parent.wait_stage0().exited_with(1));
  EXPECT_TRUE(contains(parent.fatal(), "open namespace net:/nonexistent: ENOENT"));
  EXPECT_EQ("", parent.read_line());
  while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
  EXPECT_TRUE(test::all_gone(built(kTrue)));
}

}  // namespace
