// Tests the messages of make and of the scripts in tests/ if something is missing, wrong or broken.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/support.h"

namespace {

using test::contains;
using test::Outcome;

class BuildTest : public testing::Test {
 protected:
  Outcome shell(const std::string& command) const {
    return test::run_command(
        {"/bin/sh", "-c", command},
        {.uid = 0, .environment = {{"PATH", path_}}, .limit = std::chrono::seconds(600)});
  }
  // From now on PATH has only these programs and those that every script needs.
  void only_with(const std::string& programs) {
    const std::string bin = directory_.file("bin");
    const Outcome made = shell("mkdir " + bin +
                               "; for p in sh sed awk cut cat echo head tail tr sort uname mkdir "
                               "cmp ln rm ls dirname id mktemp sleep make grep true " +
                               programs + "; do ln -s $(command -v $p) " + bin + "/$p; done");
    ASSERT_TRUE(made.status.exited_with(0)) << made.err;
    path_ = bin;
  }
  void script(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.file(name)) << "#!/bin/sh\n" << text;
    ASSERT_EQ(0, chmod(directory_.file(name).c_str(), 0755));
  }

  const test::TemporaryDirectory directory_;
  std::string path_ = getenv("PATH");
};

TEST_F(BuildTest, NamesTheSupportedMachines) {
  const Outcome outcome = shell("make ARCH=vax");
  EXPECT_FALSE(outcome.status.exited_with(0));
  EXPECT_TRUE(contains(outcome.err, "ARCH=vax: unknown machine. The machines are: "))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "x86_64")) << outcome.err;
}

TEST_F(BuildTest, NamesTheSupportedToolchains) {
  const Outcome outcome = shell("make TOOLCHAIN=llvm");
  EXPECT_FALSE(outcome.status.exited_with(0));
  EXPECT_TRUE(contains(outcome.err, "TOOLCHAIN=llvm")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "gcc clang")) << outcome.err;
}

TEST_F(BuildTest, RefusesX32) {
  if (!contains(shell("uname -m").out, "x86_64")) GTEST_SKIP() << "x32 is an ABI of x86_64";
  for (const char* compiler : {"g++", "clang++"}) {
    const Outcome outcome = shell("echo '#include \"arch/syscall.h\"' | " + std::string(compiler) +
                                  " -mx32 -std=c++20 -ffreestanding -I. -x c++ -fsyntax-only -");
    EXPECT_FALSE(outcome.status.exited_with(0)) << compiler;
    EXPECT_TRUE(
        contains(outcome.err, "no x32, because distributions' kernels run no programs of it"))
        << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "build for x86_64 or i686")) << outcome.err;
  }
}

TEST_F(BuildTest, NamesTheMissingCompiler) {
  // Builds in a copy, because the build directory records the flags, and these are of a build
  // without a compiler.
  ASSERT_TRUE(shell("cp -r Makefile make arch syscalls stub ld tools tests " + directory_.path())
                  .status.exited_with(0));
  only_with("");
  const std::pair<const char*, const char*> cases[] = {
      {"", "g++ is missing. On Debian:  apt-get install g++"},
      {"TOOLCHAIN=clang", "clang++ is missing. On Debian:  apt-get install clang"},
      {"ARCH=s390x CROSS=s390x-linux-gnu-", "apt-get install g++-s390x-linux-gnu"},
      {"CXX=true", "gcc is missing. On Debian:  apt-get install g++"},
      {"CXX=true CC=true", "ld is missing. On Debian:  apt-get install binutils"},
      {"CXX=true CC=true LD=true AR=true",
       "objcopy is missing. On Debian:  apt-get install binutils"},
  };
  for (const auto& [variables, words] : cases) {
    const Outcome outcome =
        shell("make MAKEFLAGS= MAKELEVEL= -C " + directory_.path() + " " + variables);
    EXPECT_FALSE(outcome.status.exited_with(0)) << variables;
    EXPECT_TRUE(contains(outcome.out + outcome.err, words)) << outcome.out << outcome.err;
  }
}

// Another version of clang-format would judge the layout differently, so the check is skipped with
// a message.
TEST_F(BuildTest, SkipsTheFormatCheckWithAnotherClangFormat) {
  only_with("");
  script("bin/clang-format", "echo 'Debian clang-format version 19.1.7'\n");
  const Outcome other =
      shell("NSEXEC_TALLY=" + directory_.file("tally") + " tests/pinned clang-format 14");
  EXPECT_TRUE(other.status.exited_with(3)) << other.status;
  EXPECT_TRUE(contains(other.err, "apt-get install clang-format-14")) << other.err;
  EXPECT_EQ("0 0 1\n", test::read_file(directory_.file("tally")));
  script("bin/clang-format-14", "exit 0\n");
  const Outcome pinned = shell("tests/pinned clang-format 14");
  EXPECT_EQ("clang-format-14\n", pinned.out);
  const Outcome none = shell("tests/pinned clang-tidy 14");
  EXPECT_TRUE(none.status.exited_with(1)) << none.status;
  EXPECT_TRUE(contains(none.err, "clang-tidy is missing")) << none.err;
}

// PATH has no dpkg here.
TEST_F(BuildTest, NamesMissingToolsWithThePackagesOfOtherDistributions) {
  only_with("");
  const Outcome outcome = shell("tests/packages g++ musl-tools");
  EXPECT_TRUE(outcome.status.exited_with(1)) << outcome.status;
  EXPECT_TRUE(contains(outcome.err, "Fedora:  dnf install gcc-c++ musl-gcc")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "Alpine:  apk add g++ musl-dev")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "Arch:    pacman -S gcc musl")) << outcome.err;
}

// Without a package manager, the script looks for the tools themselves.
TEST_F(BuildTest, AsksForNoPackageIfTheToolsAreInstalled) {
  only_with("g++ ld");
  const Outcome outcome = shell("tests/packages g++ binutils");
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
}

// A fake package manager with two packages. The first has triggers pending, the second is not
// installed.
class PackageTest : public BuildTest {
 protected:
  void SetUp() override {
    only_with("");
    script("bin/dpkg-query",
           "case $* in *first*) echo 'install ok triggers-pending' ;;\n"
           "*) [ -e \"$0.installed\" ] && echo 'install ok installed' ;; esac\n");
  }
};

TEST_F(PackageTest, TreatsAPackageWithPendingTriggersAsInstalled) {
  const Outcome outcome = shell("tests/packages first");
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
}

// tests/packages says that it waits. apt-get's own option would wait in silence.
TEST_F(PackageTest, WaitsForAnotherAptToEnd) {
  for (const std::string lock : {"/var/lib/apt/lists/lock", "/var/lib/dpkg/lock-frontend"}) {
    script("bin/apt-get",
           "case $* in *Lock::Timeout=0*) ;; *) exit 1 ;; esac\n"
           "if [ -e \"$0.tried\" ]; then exit 0; fi\n: > \"$0.tried\"\n"
           "echo 'E: Could not get lock " +
               lock + ". It is held by process 1' >&2\nexit 100\n");
    const Outcome outcome = shell("tests/packages second");
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.out << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "for another apt or dpkg to end")) << outcome.out;
    ASSERT_EQ(0, unlink(directory_.file("bin/apt-get.tried").c_str()));
  }
}

TEST_F(PackageTest, ReportsWhyAptFails) {
  script("bin/apt-get", "echo 'E: Unable to locate package second' >&2\nexit 100\n");
  const Outcome outcome = shell("tests/packages second");
  EXPECT_TRUE(outcome.status.exited_with(1)) << outcome.status;
  EXPECT_TRUE(contains(outcome.err, "Unable to locate package second")) << outcome.err;
}

// Runs tests/all with a make that only exits as each target is meant to.
class TotalTest : public BuildTest {
 protected:
  // `targets` are the ones that fail. The fake make adds nothing to the tally, like a make that
  // cannot build its test.
  Outcome all(const std::string& targets) const {
    script("make", "for word; do for target in " + targets + "; do\n" +
                       "if [ \"$word\" = \"$target\" ]; then exit 2; fi; done; done\n");
    return shell("tests/all " + directory_.file("make"));
  }
};

TEST_F(TotalTest, SucceedsIfAllStepsSucceed) {
  const Outcome outcome = all("''");
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, " passed, 0 failed, 0 skipped\n")) << outcome.out;
}

TEST_F(TotalTest, FailsIfAnyStepFails) {
  // The targets that tests/all runs.
  const Outcome listed =
      shell("grep -o '[$]make [a-z][a-z0-9-]*' tests/all | sed 's/.* //' | sort -u");
  std::istringstream targets(listed.out);
  int count = 0;
  for (std::string target; targets >> target; ++count) {
    const Outcome outcome = all(target);
    EXPECT_TRUE(outcome.status.exited_with(1)) << target << outcome.out;
    EXPECT_FALSE(contains(outcome.out, " passed, 0 failed, 0 skipped\n")) << target;
    EXPECT_TRUE(contains(outcome.out, "  FAILED  ")) << target << outcome.out;
  }
  EXPECT_GT(count, 12);
}

// Sleeps longer than the test may take.
TEST_F(TotalTest, EndsAStepThatHangs) {
  script("make", "for word; do if [ \"$word\" = lint ]; then sleep 1000; fi; done\n");
  const Outcome outcome = shell("STEP_LIMIT=5 tests/all " + directory_.file("make"));
  EXPECT_TRUE(outcome.status.exited_with(1)) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "  FAILED  lint: it has not ended in 5 s\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, " passed, 1 failed, 0 skipped\n")) << outcome.out;
}

// tests/run limits its program too, in a process group of its own.
TEST_F(TotalTest, EndsTheSuiteOfAStepThatHangs) {
  const std::string pid = directory_.file("pid");
  script("hangs", "echo $$ > " + pid + "\nexec sleep 1000\n");
  script("make", "for word; do if [ \"$word\" = lint ]; then tests/run some " +
                     directory_.file("hangs") + "; fi; done\n");
  const Outcome outcome = shell("STEP_LIMIT=5 tests/all " + directory_.file("make"));
  EXPECT_TRUE(outcome.status.exited_with(1)) << outcome.out;
  // It may be a zombie that has no parent to reap it.
  const Outcome gone = shell("timeout 60 sh -c 'while grep -q sleep /proc/$(cat " + pid +
                             ")/cmdline 2> /dev/null; do sleep 0.1; done'");
  EXPECT_TRUE(gone.status.exited_with(0)) << gone.err;
}

// Both steps that run at this moment.
TEST_F(TotalTest, EndsItsStepsWhenItIsEnded) {
  const std::string pids = directory_.file("pids");
  script("make",
         "for word; do case $word in test-unit | TOOLCHAIN=clang)\n"
         "echo $$ >> " +
             pids + "; exec sleep 1000;; esac; done\n");
  const Outcome outcome = shell("touch " + pids + "; tests/all " + directory_.file("make") +
                                " > /dev/null 2>&1 & all=$!; while [ $(wc -l < " + pids +
                                ") -lt 2 ]; do sleep 0.1; done; kill $all; wait $all; echo $?; "
                                "for pid in $(cat " +
                                pids + "); do cat /proc/$pid/comm 2> /dev/null; done");
  EXPECT_EQ("130\n", outcome.out) << outcome.err;
}

// A failure of the first hour must be found at the end, where a reader of a cut log looks.
TEST_F(TotalTest, RepeatsAtTheEndWhatHasFailed) {
  script("make",
         "for word; do if [ \"$word\" = mutants-apply ]; then\n"
         "seq 1000; echo 'some_test.cpp:1: Failure'; echo 'what was wrong'; seq 400;\n"
         "echo '[  FAILED  ] Some.Test (1 ms)'; exit 1; fi; done\n");
  const Outcome outcome = shell("tests/all " + directory_.file("make") + " | tail -n 40");
  for (const std::string said :
       {"  FAILED  mutants apply (exit status 1)\n", "some_test.cpp:1: Failure\nwhat was wrong\n",
        "[  FAILED  ] Some.Test (1 ms)\n"}) {
    EXPECT_TRUE(contains(outcome.out, said)) << said << outcome.out;
  }
}

// A suite that dies half-way or was never built counts as a failure, whatever it has counted
// before.
TEST_F(TotalTest, CountsASuiteThatCannotRunAsFailed) {
  const std::string tally = directory_.file("tally");
  script("dies", "echo '[       OK ] Some.Test (1 ms)'; kill -9 $$\n");
  for (const std::string program : {"dies", "missing"}) {
    const Outcome outcome =
        shell("NSEXEC_TALLY=" + tally + " tests/run some " + directory_.file(program));
    EXPECT_TRUE(outcome.status.exited_with(1)) << program << outcome.status;
    EXPECT_EQ("0 1 0\n", test::read_file(tally)) << program;
    ASSERT_EQ(0, unlink(tally.c_str()));
  }
}

}  // namespace
