// Runs the programs of embed/ by hand and as a container's init.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::Pids;
using std::chrono_literals::operator""s;

class EmbedTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!test::exists(program_))
      GTEST_SKIP() << program_ << " was not built: its toolchain is missing";
  }
  static bool is_in_go() { return std::string(GetParam()).starts_with("go"); }
  const std::string program_ = built(std::string("tests/embed-") + GetParam());
};

TEST_P(EmbedTest, WorksWhenRunByHand) {
  const test::Outcome outcome = test::run_command({program_, "a", "last one"},
                                                  {.uid = 0, .environment = {{"HELLO", "world"}}});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
  auto report = test::parse_report(outcome.out);
  EXPECT_EQ("true", report["entered"]) << outcome.out;
  if (is_in_go()) {
    EXPECT_EQ("false", report["init"]);
  }
  EXPECT_EQ("3 last one", report["args"]);
  EXPECT_EQ("world", report["variable"]);
  EXPECT_EQ("1000", report["threads"]);
  EXPECT_EQ("true", report["signals"]);
  EXPECT_EQ("true", report["clock"]);
  EXPECT_EQ(test::namespace_id("self", "uts"), report["ns_uts"]);
}

TEST_P(EmbedTest, WorksAsAContainersInit) {
  REQUIRE_ROOT();
  for (const bool user : {false, true}) {
    int out[2];
    ASSERT_EQ(0, pipe2(out, O_CLOEXEC));
    Parent parent(program_);
    parent.arguments = {"init", "last one"};
    parent.environment = {{"HELLO", "world"}};
    parent.before_exec = [&] { dup2(out[1], 1); };
    parent.start();
    close(out[1]);
    Message message = Message().flags(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
    if (user) {
      message.flags(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS)
          .text(Attribute::kUidMap, "0 0 65536\n")
          .text(Attribute::kGidMap, "0 0 65536\n");
    }
    parent.send(message.bytes());
    const Pids pids = parent.read_pids();
    EXPECT_TRUE(parent.wait_stage0().exited_with(0)) << parent.log();
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(out[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(size));
    }
    close(out[0]);
    EXPECT_TRUE(test::wait_for(pids.stage1).exited_with(0));
    EXPECT_TRUE(test::wait_for(pids.stage2, 20s).exited_with(0)) << text;
    auto report = test::parse_report(text);
    EXPECT_EQ("true", report["entered"]) << text;
    if (is_in_go()) {
      EXPECT_EQ("true", report["init"]);
    }
    EXPECT_EQ("1", report["pid"]);
    EXPECT_EQ("0", report["uid"]);
    EXPECT_EQ("3 last one", report["args"]);
    EXPECT_EQ("world", report["variable"]);
    EXPECT_EQ("1000", report["threads"]);
    EXPECT_EQ("true", report["signals"]);
    EXPECT_EQ("true", report["clock"]);
    EXPECT_NE(test::namespace_id("self", "uts"), report["ns_uts"]);
    EXPECT_EQ(user, test::namespace_id("self", "user") != report["ns_user"]);
  }
}

TEST_P(EmbedTest, DiesAsItDoesWithoutTheStub) {
  const test::Outcome outcome =
      test::run_command({program_}, {.uid = 0, .environment = {{"HELLO", "crash"}}});
  if (is_in_go()) {
    EXPECT_TRUE(outcome.status.exited_with(2)) << outcome.status;
    EXPECT_TRUE(contains(outcome.err, "panic: as asked")) << outcome.err;
    const test::Outcome core = test::run_command(
        {program_}, {.uid = 0, .environment = {{"HELLO", "crash"}, {"GOTRACEBACK", "crash"}}});
    EXPECT_TRUE(core.status.killed_by(SIGABRT)) << core.status;
  } else {
    EXPECT_TRUE(outcome.status.killed_by(SIGABRT)) << outcome.status;
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, EmbedTest,
                         testing::Values("go", "go-cgo", "c-static", "c-static_pie", "c-dynamic",
                                         "c-constructor", "c-forgotten", "c-forgotten-static",
                                         "c-musl", "c-musl-forgotten", "cpp", "rust", "rust-crate"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// A program that was linked without the entry point prints an error and does not run as if it were
// in a container.
TEST(EmbedGo, WithoutTheFlagAnInitFailsAndNamesTheFlag) {
  const std::string program = built("tests/embed-go-forgotten");
  if (!test::exists(program)) GTEST_SKIP() << program << " was not built: Go is missing";
  const test::Outcome outcome =
      test::run_command({program}, {.uid = 0, .environment = {{"_LIBCONTAINER_INITPIPE", "3"}}});
  EXPECT_TRUE(outcome.status.exited_with(1)) << outcome.status;
  EXPECT_TRUE(contains(outcome.err, "-E nsexec_go_start")) << outcome.err;
  EXPECT_TRUE(test::run_command({program}).status.exited_with(0));
}

}  // namespace
