// The attacker is an ordinary user of the host who may execute a set-user-ID program with the stub
// in it. The program has more privilege than the user. The user sends it a bootstrap message that
// names the user's own program as the tool that writes id maps, so that root would execute it.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/support/sealing.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::Message;
using test::Parent;

constexpr int kAttacker = 65534;

class SetUserIdTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    struct statvfs place {};
    ASSERT_EQ(0, statvfs(directory_.path().c_str(), &place));
    if ((place.f_flag & ST_NOSUID) != 0) GTEST_SKIP() << "/tmp is mounted nosuid";
    chmod(directory_.path().c_str(), 0755);
    chmod(attackers_.path().c_str(), 0777);
    test::copy_program_sealed_by(built("tests/probe"), program_, {test::Sealing::kNone});
    test::copy_program(built("tests/tool"), tool_);
  }
  // Starts the attack on a program with this mode.
  void attack(Parent& parent, mode_t mode) {
    ASSERT_EQ(0, chmod(program_.c_str(), mode));
    parent.uid = kAttacker;
    parent.start();
    parent.send(Message()
                    .flags(CLONE_NEWUSER)
                    .text(Attribute::kUidMap, "0 65534 1\n1 100000 1\n")
                    .text(Attribute::kUidMapTool, tool_)
                    .boolean(Attribute::kRootless, true)
                    .bytes());
  }

  const test::TemporaryDirectory directory_;
  const test::TemporaryDirectory attackers_;
  std::string program_ = directory_.file("program");
  std::string tool_ = attackers_.file("tool");
};

TEST_F(SetUserIdTest, DoesNotRunTheCallersToolAsRoot) {
  Parent parent(program_);
  parent.with_report = true;
  attack(parent, 04755);
  // The program is not an init process, so it goes to its own entry point at once.
  auto report = parent.read_report();
  EXPECT_EQ("0", report["euid"]) << "the program runs as root";
  EXPECT_EQ(std::to_string(parent.stage0), report["pid"]) << "the stub has created no stage";
  EXPECT_EQ("program", report["comm"]);
  parent.finish_probe();
  EXPECT_TRUE(parent.wait_stage0().exited_with(0));
  EXPECT_EQ("", parent.log());
  EXPECT_FALSE(test::exists(tool_ + ".args"));
}

TEST_F(SetUserIdTest, ControlTheSameProgramWithoutTheBitRunsTheCallersTool) {
  Parent parent(program_);
  attack(parent, 0755);
  (void)parent.wait_stage0();
  EXPECT_TRUE(test::exists(tool_ + ".args")) << "the control: the attack works: " << parent.log();
}

// With more privilege than its caller, the C library removes such variables before the stub runs:
// in a dynamic program ld.so does, before the entry point. Where they were, the environment has
// more NULLs at its end than one.
TEST_F(SetUserIdTest, TheCallersVariablesAreIgnoredAlsoIfTheCLibraryHasRemovedSome) {
  int programs = 0;
  for (const char* name :
       {"hello-static", "hello-static-pie", "hello-dynamic", "hello-dynamic-no-pie",
        "hello-musl-static", "hello-musl-dynamic", "embed-c-static", "embed-c-dynamic",
        "embed-c-constructor", "embed-c-forgotten", "embed-c-forgotten-static", "embed-c-musl",
        "embed-c-musl-forgotten", "embed-cpp", "embed-go", "embed-go-cgo", "embed-rust",
        "embed-rust-crate"}) {
    const std::string from = built(std::string("tests/") + name);
    if (!test::exists(from)) continue;
    ++programs;
    test::copy_program(from, program_);
    for (const char* variable : {"LD_PRELOAD", "HARMLESS", "LD_LIBRARY_PATH", "TMPDIR"}) {
      if (test::is_emulated() && *variable != 'L') continue;
      for (const mode_t mode : {04755, 0755, 02755}) {
        Parent parent(program_);
        parent.environment[variable] = "x";
        attack(parent, mode);
        (void)parent.wait_stage0();
        // The log is the stub's.
        EXPECT_EQ(mode == 0755, !parent.log().empty())
            << name << ", " << variable << ", mode " << std::oct << mode << ": " << parent.log();
      }
    }
  }
  EXPECT_LE(8, programs);
}

}  // namespace
