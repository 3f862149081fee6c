// Tests nsrun --supervise, which runs all containers of a file.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/supervisor.h"

namespace {

using test::contains;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class NsrunSupervisorTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
  // Writes lines in which @ stands for "--rootfs ROOT -- /bin/sh -c" and a PATH.
  void configure(const std::string& lines) {
    std::string text;
    for (const char c : lines) {
      text += c == '@' ? "--rootfs " + root_.path() + " --env PATH=/bin -- /bin/sh -c"
                       : std::string(1, c);
    }
    test::write_file(file_, text);
  }
  test::Outcome supervise() { return nsrun({"--supervise", file_}); }

  test::TemporaryDirectory directory_;
  std::string file_ = directory_.file("conf");
};

TEST_F(NsrunSupervisorTest, RunsAllContainersAndPrefixesTheirOutput) {
  configure(
      "one once @ 'echo a; echo b >&2'\ntwo once @ 'echo -n c; sleep 0.1; echo d; echo -n e'\n");
  const test::Outcome outcome = supervise();
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  EXPECT_EQ("", outcome.err);
  EXPECT_TRUE(contains(outcome.out, "one: a\none: b\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "two: cd\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "two: e\n")) << outcome.out;
}

// The supervisor seals nsrun, and each container's nsrun only proves that it is sealed.
TEST_F(NsrunSupervisorTest, SealsOnceForAllContainers) {
  REQUIRE_MOUNT_SETATTR();
  configure("one once @ 'exit 0'\ntwo once @ 'exit 0'\nthree once @ 'exit 0'\n");
  int executions = 0;
  int mounts = 0;
  test::Supervisor calls([&](const test::SupervisedCall& call) {
    if (test::executes(call)) ++executions;
    if (call.number == SYS_mount_setattr && call.process == 0) ++mounts;
    return test::Verdict{};
  });
  const test::Outcome outcome =
      test::run_command({nsrun_, "--supervise", file_},
                        {.uid = 0, .environment = {}, .before_exec = [&] { calls.install(); }});
  (void)calls.finish();
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  EXPECT_EQ(1 + 3 * 2, executions) << "of the supervisor, and for each container nsrun and COMMAND";
  EXPECT_EQ(1, mounts) << "of the supervisor";
}

TEST_F(NsrunSupervisorTest, SealsAsEachLineSays) {
  REQUIRE_MOUNT_SETATTR();
  const std::string tell = " --report @ 'echo $NSRUN_SEALED'\n";
  configure("usual once" + tell + "same once --seal detached-mount" + tell +
            "copy once --seal memfd" + tell + "none once --seal none" + tell +
            "stages once --verbose" + tell);
  const test::Outcome outcome = supervise();
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  for (const char* line : {"usual: detached-mount\n", "same: detached-mount\n", "copy: memfd\n",
                           "none: none\n", "stages: detached-mount\n"}) {
    EXPECT_TRUE(contains(outcome.out, line)) << outcome.out << outcome.err;
  }
}

// What an option of --args says about the seal is not known before.
TEST_F(NsrunSupervisorTest, SealsAsTheOptionsOfArgsSay) {
  REQUIRE_MOUNT_SETATTR();
  const std::string more = directory_.file("more");
  test::write_file(more, std::string("--seal\0memfd\0--report\0", 22));
  configure("a once --args 5 @ 'echo $NSRUN_SEALED'\n");
  const test::Outcome outcome = test::run_command(
      {"/bin/sh", "-c", "exec \"$0\" --supervise \"$1\" 5< \"$2\"", nsrun_, file_, more},
      {.uid = 0, .environment = {}});
  EXPECT_EQ("a: memfd\n", outcome.out) << outcome.err;
}

// Variables of nsrun's own in the caller's environment are no news of a container's nsrun.
TEST_F(NsrunSupervisorTest, BelievesNoVariablesOfItsCaller) {
  configure("a once --report @ 'echo $NSRUN_SETUP_US'\n");
  const test::Outcome outcome = test::run_command(
      {nsrun_, "--supervise", file_},
      {.uid = 0, .environment = {{"NSRUN_CALLER", "4242"}, {"NSRUN_START_US", "1"}}});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
  EXPECT_LT(outcome.out.size(), std::string("a: 100000000000\n").size()) << outcome.out;
}

// The containers of an ordinary user.
TEST_F(NsrunSupervisorTest, EachContainerSealsItselfWhereOnceIsNotPossible) {
  configure("a once --share-net -- /bin/echo hi\n");
  chmod(directory_.path().c_str(), 0755);
  chmod(file_.c_str(), 0644);
  const test::Outcome outcome = test::run_command({nsrun_, "--supervise", file_}, {.uid = 65534});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
  EXPECT_EQ("a: hi\n", outcome.out) << outcome.err;
}

TEST_F(NsrunSupervisorTest, StartsFailedContainersAgainAsConfigured) {
  // The first container fails twice and then succeeds.
  configure("a on-failure --bind " + directory_.path() +
            " /d @ 'n=$(cat /d/n 2> /dev/null); echo 1$n > /d/n; echo run; [ \"$n\" = 11 ]'\n"
            "b once @ 'exit 3'\n");
  const test::Outcome outcome = supervise();
  EXPECT_TRUE(outcome.status.exited_with(1)) << "the exit status must show that b failed";
  EXPECT_EQ("a: run\na: run\na: run\n", outcome.out);
  EXPECT_TRUE(contains(outcome.err, "nsrun: a: ended with status 1, starts again in 100 ms\n"));
  EXPECT_TRUE(contains(outcome.err, "nsrun: a: ended with status 1, starts again in 200 ms\n"));
  EXPECT_TRUE(contains(outcome.err, "nsrun: b: ended with status 3\n")) << outcome.err;
}

TEST_F(NsrunSupervisorTest, WaitsForItsContainersEvenIfTheCallerIgnoresSigchld) {
  configure("a once @ 'exit 3'\n");
  const test::Outcome outcome = test::run_command(
      {nsrun_, "--supervise", file_}, {.before_exec = [] { signal(SIGCHLD, SIG_IGN); }});
  EXPECT_TRUE(outcome.status.exited_with(1)) << outcome.status;
  EXPECT_EQ("nsrun: a: ended with status 3\n", outcome.err);
}

// The process that executes nsrun may have children already. nsrun must not wait for them.
TEST_F(NsrunSupervisorTest, DoesNotWaitForChildrenThatAreNotItsOwn) {
  configure("a once @ 'exit 3'\n");
  const test::Outcome outcome = test::run_command(
      {"/bin/sh", "-c",
       "sleep 1000 > /dev/null 2>&1 & echo $!; exec " + nsrun_ + " --supervise " + file_});
  EXPECT_TRUE(outcome.status.exited_with(1)) << outcome.status << outcome.err;
  kill(atoi(outcome.out.c_str()), SIGKILL);
}

// A container cannot print a line that looks like another container's, neither with control
// characters nor with a long line.
TEST_F(NsrunSupervisorTest, AContainerCannotImitateTheLineOfAnother) {
  configure(
      "one once @ 'printf \"a\\rtwo: b\\033[1Gtwo: c\\010\\177\\tt \\303\\251 \\302\\233 "
      "\\233x\\n\"'\n"
      "three once @ 'head -c 1500 /dev/zero; echo; echo two: d'\n"
      "four once @ \"awk 'BEGIN { for (i = 0; i < 300; i++) printf \\\"12345678\\\"; print "
      "\\\"\\\" }'\"\n");
  const test::Outcome outcome = supervise();
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  EXPECT_TRUE(contains(outcome.out,
                       "one: a\\x0dtwo: b\\x1b[1Gtwo: c\\x08\\x7f\tt \303\251 \302\\x9b \\x9bx\n"))
      << outcome.out;
  for (const std::string& line : test::split(outcome.out, '\n')) {
    const bool has_prefix = line.empty() || line.starts_with("one: ") ||
                            line.starts_with("three: ") || line.starts_with("four: ");
    EXPECT_TRUE(has_prefix) << line;
    for (const char c : line) EXPECT_TRUE(c == '\t' || static_cast<unsigned char>(c) >= 0x20);
  }
  std::string zeros;
  for (int i = 0; i < 1500; ++i) zeros += "\\x00";
  std::string seen;
  std::string numbers;
  for (const std::string& line : test::split(outcome.out, '\n')) {
    if (line.starts_with("three: \\")) seen += line.substr(7);
    if (line.starts_with("four: ")) numbers += line.substr(6);
  }
  EXPECT_TRUE(zeros == seen) << seen.size();
  EXPECT_EQ(2400U, numbers.size());
  EXPECT_TRUE(contains(outcome.out, "three: two: d\n"));
  configure(std::string(65, 'n') + " once @ 'exit 0'\n");
  EXPECT_TRUE(contains(supervise().err, "a name of more than 64 characters"));
}

TEST_F(NsrunSupervisorTest, StopsTheContainersOnASignal) {
  test::write_file(root_.file("tool.status"), "hang");
  const std::string tool = root_.file("tool");
  // The second container ignores SIGTERM, because a pid 1 without a handler does not get it.
  configure("good always --init --ns mnt,pid -- " + tool + "\nbad always --ns pid -- " + tool +
            "\n");
  const pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY), 2);
    execl(nsrun_.c_str(), "nsrun", "--supervise", file_.c_str(), nullptr);
    _exit(99);
  }
  ASSERT_TRUE(test::appears(tool, 2));
  const auto start = std::chrono::steady_clock::now();
  kill(child, SIGTERM);
  test::wait_for(child, 15s);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 12s);
  EXPECT_TRUE(test::all_gone(tool));
  EXPECT_TRUE(test::all_gone(nsrun_));
}

TEST_F(NsrunSupervisorTest, NothingIsLeftWhenItIsKilled) {
  test::write_file(root_.file("tool.status"), "hang");
  const std::string tool = root_.file("tool");
  configure("a always -- " + tool + "\nb always --init -- " + tool + "\n");
  const pid_t child = fork();
  if (child == 0) {
    execl(nsrun_.c_str(), "nsrun", "--supervise", file_.c_str(), nullptr);
    _exit(99);
  }
  ASSERT_TRUE(test::appears(tool, 2));
  kill(child, SIGKILL);
  test::wait_for(child);
  EXPECT_TRUE(test::all_gone(tool));
  EXPECT_TRUE(test::all_gone(nsrun_));
}

TEST_F(NsrunSupervisorTest, ReportsWhatIsWrongBeforeItStartsAnyContainer) {
  configure("a once @ 'echo started'\nb once --nonsense true\n");
  const test::Outcome outcome = supervise();
  EXPECT_TRUE(outcome.status.exited_with(125));
  EXPECT_EQ("nsrun: " + file_ + ":2: unknown option\n", outcome.err);
  EXPECT_EQ("", outcome.out);
  expect_error({"--supervise", "/nonexistent"}, 125, "nsrun: --supervise /nonexistent: ENOENT\n");
}

}  // namespace
