// What `make install` installs is all that an outside program needs.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace {

using test::Outcome;

class InstallTest : public testing::Test {
 protected:
  static Outcome shell(const std::string& command) {
    return test::run_command({"/bin/sh", "-c", command},
                             {.uid = 0,
                              .environment = {{"HOME", "/tmp"}, {"PATH", getenv("PATH")}},
                              .limit = std::chrono::seconds(120)});
  }
  static std::string make(const std::string& target, const std::string& prefix) {
    const char* command = getenv("NSEXEC_MAKE");
    return std::string(command == nullptr ? "make" : command) + " --no-print-directory " + target +
           " PREFIX=" + prefix;
  }
  void SetUp() override {
    const Outcome installed = shell(make("install", prefix_));
    ASSERT_TRUE(installed.status.exited_with(0)) << installed.out << installed.err;
    test::copy_program("embed/c/hello.c", directory_.file("hello.c"));
  }
  void expect_hello(const std::string& program) {
    const Outcome outcome = test::run_command({program});
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status;
    EXPECT_TRUE(test::contains(outcome.out, "entered: true")) << outcome.out;
    // And the stub is really in front: a malformed variable is its business.
    const Outcome refused = test::run_command(
        {program}, {.uid = 0, .environment = {{"_LIBCONTAINER_INITPIPE", "three"}}});
    EXPECT_TRUE(refused.status.exited_with(1)) << refused.status;
    EXPECT_TRUE(test::contains(refused.err, "_LIBCONTAINER_INITPIPE=three")) << refused.err;
  }

  const test::TemporaryDirectory directory_;
  const std::string prefix_ = directory_.file("prefix");
};

TEST_F(InstallTest, PlainCc) {
  const Outcome built =
      shell("cd " + directory_.path() + " && cc -I prefix/include hello.c -L prefix/lib " +
            "-lnsexec -Wl,-e,nsexec_start -pthread -o hello");
  ASSERT_TRUE(built.status.exited_with(0)) << built.err;
  expect_hello(directory_.file("hello"));
}

TEST_F(InstallTest, PkgConfig) {
  const Outcome built =
      shell("cd " + directory_.path() +
            " && PKG_CONFIG_PATH=prefix/lib/pkgconfig; export PKG_CONFIG_PATH; " +
            "cc hello.c $(pkg-config --cflags --libs nsexec-stub) -pthread -o hello");
  ASSERT_TRUE(built.status.exited_with(0)) << built.err;
  expect_hello(directory_.file("hello"));
}

TEST_F(InstallTest, CMake) {
  test::write_file(directory_.file("CMakeLists.txt"),
                   "cmake_minimum_required(VERSION 3.13)\nproject(hello C)\n"
                   "find_package(nsexec-stub REQUIRED)\nfind_package(Threads REQUIRED)\n"
                   "add_executable(hello hello.c)\n"
                   "target_link_libraries(hello nsexec-stub::entry Threads::Threads)\n");
  const Outcome built =
      shell("cd " + directory_.path() + " && cmake -S . -B b -DCMAKE_PREFIX_PATH=" + prefix_ +
            " && cmake --build b");
  ASSERT_TRUE(built.status.exited_with(0)) << built.out << built.err;
  expect_hello(directory_.file("b/hello"));
}

// tests/go/ has more on the Go module.
TEST_F(InstallTest, GoPackage) {
  const std::string module = "github.com/nsexec-stub/nsexec-stub/embed/go";
  test::write_file(directory_.file("go.mod"), "module outside\n\ngo 1.19\n\nrequire " + module +
                                                  " v0.0.0\n\nreplace " + module + " => " +
                                                  prefix_ + "/share/nsexec-stub/go\n");
  test::write_file(directory_.file("main.go"),
                   "package main\n\nimport (\n\t\"fmt\"\n\n\t\"" + module +
                       "/nsenter\"\n)\n\n"
                       "func main() { fmt.Println(\"entered:\", nsenter.Entered()) }\n");
  const auto build = [&](const std::string& variables) {
    const Outcome built =
        shell("cd " + directory_.path() + " && GOFLAGS=-mod=mod GOPROXY=off GOCACHE=" +
              directory_.file("cache") + " GOPATH=" + directory_.file("path") + " CGO_ENABLED=0 " +
              variables + " go build -ldflags '-E nsexec_go_start' -o hello .");
    ASSERT_TRUE(built.status.exited_with(0)) << variables << built.out << built.err;
  };
  build("");
  expect_hello(directory_.file("hello"));
  for (const char* machine : {"amd64", "arm64", "ppc64le", "s390x"}) {
    if (test::exists(prefix_ + "/share/nsexec-stub/go/nsenter/nsexec_linux_" + machine + ".syso")) {
      build(std::string("GOARCH=") + machine);
    }
  }
}

TEST(Dist, IsTheSameWhenMadeAgain) {
  const test::Arguments head = {"/bin/sh", "-c", "git rev-parse HEAD"};
  if (!test::run_command(head, {.uid = 0, .environment = {{"PATH", getenv("PATH")}}})
           .status.exited_with(0)) {
    GTEST_SKIP() << "make dist wants a git checkout";
  }
  const auto sum = [] {
    const test::Outcome made = test::run_command(
        {"/bin/sh", "-c", "make -s dist > /dev/null && sha256sum build/nsexec-stub-*.tar.gz"},
        {.uid = 0,
         .environment = {{"HOME", "/tmp"}, {"PATH", getenv("PATH")}},
         .limit = std::chrono::seconds(60)});
    EXPECT_TRUE(made.status.exited_with(0)) << made.err;
    return made.out;
  };
  const std::string first = sum();
  sleep(1);
  EXPECT_EQ(first, sum());
  EXPECT_NE("", first);
}

TEST_F(InstallTest, UninstallLeavesNothing) {
  const Outcome removed = shell(make("uninstall", prefix_) + " && find " + prefix_ + " -type f");
  EXPECT_TRUE(removed.status.exited_with(0)) << removed.err;
  EXPECT_EQ("", removed.out);
}

TEST_F(InstallTest, ManPagesAreWellFormed) {
  const Outcome checked = shell("man -l --warnings -Tutf8 " + prefix_ +
                                "/share/man/man1/nsrun.1 2>&1 >/dev/null; "
                                "man -l --warnings -Tutf8 " +
                                prefix_ + "/share/man/man7/nsexec-stub.7 2>&1 >/dev/null");
  EXPECT_EQ("", checked.out);
}

}  // namespace
