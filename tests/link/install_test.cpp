// Tests that `make install` installs everything that a program outside of this tree needs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/quoted.h"
#include "tests/support/support.h"

namespace {

using test::Outcome;
using test::quoted;

class InstallTest : public testing::Test {
 protected:
  static Outcome shell(const std::string& command) {
    return test::run_command({"/bin/sh", "-c", command},
                             {.uid = 0,
                              .environment = {{"HOME", "/tmp"}, {"PATH", getenv("PATH")}},
                              .limit = std::chrono::seconds(600)});
  }
  static std::string make(const std::string& target, const std::string& prefix,
                          const std::string& more = "") {
    const char* command = getenv("NSEXEC_MAKE");
    return std::string(command == nullptr ? "make" : command) + " --no-print-directory " + target +
           " PREFIX='" + prefix + "' " + more;
  }
  // Runs a shell command in the test's directory, with a pkg-config that finds the installed files.
  Outcome build(const std::string& command, const std::string& libdir = "prefix/lib") {
    return shell("cd " + directory_.path() + " && PKG_CONFIG_PATH='" + libdir +
                 "/pkgconfig' && export PKG_CONFIG_PATH && " + command);
  }
  // Checks that the minimal runtime runs a program with the stub, as root and as an ordinary user,
  // and refuses one without it.
  void expect_runtime(const std::string& runtime) {
    test::copy_program("tests/programs/hello.c", directory_.file("contained.c"));
    const Outcome built = build(
        "cc contained.c $(pkg-config --libs nsexec-stub) -o contained && "
        "cc contained.c -o uncontained");
    ASSERT_TRUE(built.status.exited_with(0)) << built.err;
    const Outcome ran = test::run_command({runtime, directory_.file("contained")});
    EXPECT_TRUE(ran.status.exited_with(0)) << ran.status << ran.err;
    EXPECT_TRUE(test::contains(ran.out, "hello from 1,")) << ran.out;
    const Outcome refused = test::run_command({runtime, directory_.file("uncontained")});
    EXPECT_TRUE(refused.status.exited_with(1)) << refused.status;
    EXPECT_EQ("", refused.out);
    EXPECT_TRUE(test::contains(refused.err, "nsexec-stub is not in front")) << refused.err;
    const Outcome by_user =
        test::run_command({runtime, directory_.file("contained")}, {.uid = 1000});
    EXPECT_TRUE(by_user.status.exited_with(0)) << by_user.status << by_user.err;
    EXPECT_TRUE(test::contains(by_user.out, "hello from 1,")) << by_user.out;
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
    // Only the stub refuses a malformed variable, so this shows that the stub runs first.
    const Outcome refused = test::run_command(
        {program}, {.uid = 0, .environment = {{"_LIBCONTAINER_INITPIPE", "three"}}});
    EXPECT_TRUE(refused.status.exited_with(1)) << refused.status;
    EXPECT_TRUE(test::contains(refused.err, "_LIBCONTAINER_INITPIPE=three")) << refused.err;
  }

  const std::string here_ = std::filesystem::current_path();
  const test::TemporaryDirectory directory_;
  const std::string prefix_ = directory_.file("prefix");
};

TEST_F(InstallTest, BuildsWithPlainCc) {
  const Outcome built =
      shell("cd " + directory_.path() + " && cc -I prefix/include hello.c -L prefix/lib " +
            "-lnsexec -Wl,-e,nsexec_start -pthread -o hello");
  ASSERT_TRUE(built.status.exited_with(0)) << built.err;
  expect_hello(directory_.file("hello"));
}

TEST_F(InstallTest, BuildsWithPkgConfig) {
  const Outcome built =
      shell("cd " + directory_.path() +
            " && PKG_CONFIG_PATH=prefix/lib/pkgconfig; export PKG_CONFIG_PATH; " +
            "cc hello.c $(pkg-config --cflags --libs nsexec-stub) -pthread -o hello");
  ASSERT_TRUE(built.status.exited_with(0)) << built.err;
  expect_hello(directory_.file("hello"));
}

TEST_F(InstallTest, BuildsWithCMake) {
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

// Checks which requested versions CMake accepts.
TEST_F(InstallTest, CMakeKnowsTheVersion) {
  const auto accepts = [&](const std::string& version) {
    test::write_file(directory_.file("CMakeLists.txt"),
                     "cmake_minimum_required(VERSION 3.13)\nproject(version C)\n"
                     "find_package(nsexec-stub " +
                         version + " REQUIRED)\n");
    return build("rm -rf b && cmake -S . -B b -DCMAKE_PREFIX_PATH=" + prefix_)
        .status.exited_with(0);
  };
  for (const char* version : {"", "0", "0.1", "0.1.0", "0.1.0 EXACT"}) {
    EXPECT_TRUE(accepts(version)) << version;
  }
  for (const char* version : {"0.2", "1.0", "1", "0.1.99", "0.0.1"}) {
    EXPECT_FALSE(accepts(version)) << version;
  }
}

TEST_F(InstallTest, BuildsTheMinimalRuntimeWithPkgConfig) {
  test::copy_program("examples/minimal-runtime/main.c", directory_.file("main.c"));
  const Outcome built = build(
      "cc -Wall -Wextra -Werror main.c $(pkg-config --cflags --libs nsexec-parent) -o runtime");
  ASSERT_TRUE(built.status.exited_with(0)) << built.err;
  expect_runtime(directory_.file("runtime"));
}

TEST_F(InstallTest, MinimalRuntimeHasUnderAHundredLines) {
  const Outcome lines = shell("wc -l < examples/minimal-runtime/main.c");
  EXPECT_LT(std::stoi(lines.out), 100);
}

TEST_F(InstallTest, BuildsTheMinimalRuntimeWithMusl) {
  test::copy_program("examples/minimal-runtime/main.c", directory_.file("main.c"));
  const Outcome built =
      build("musl-gcc -static main.c $(pkg-config --cflags --libs nsexec-parent) -o runtime");
  ASSERT_TRUE(built.status.exited_with(0)) << built.err;
  expect_runtime(directory_.file("runtime"));
}

TEST_F(InstallTest, BuildsTheMinimalRuntimeWithCMake) {
  const Outcome built = build("cp " + quoted(here_) +
                              "/examples/minimal-runtime/* . && cmake -S . -B b "
                              "-DCMAKE_PREFIX_PATH=" +
                              prefix_ + " && cmake --build b");
  ASSERT_TRUE(built.status.exited_with(0)) << built.out << built.err;
  expect_runtime(directory_.file("b/minimal-runtime"));
}

TEST_F(InstallTest, BuildsTheMinimalRuntimeWithMeson) {
  if (!shell("command -v meson ninja").status.exited_with(0)) {
    GTEST_SKIP() << "meson or ninja is not installed";
  }
  const Outcome built =
      build("cp " + quoted(here_) + "/examples/minimal-runtime/* . && meson setup b && ninja -C b",
            prefix_ + "/lib");
  ASSERT_TRUE(built.status.exited_with(0)) << built.out << built.err;
  expect_runtime(directory_.file("b/minimal-runtime"));
}

// Installs into a prefix with spaces, and libraries into a LIBDIR for one machine.
TEST_F(InstallTest, InstallsIntoAPrefixWithASpaceAndALibdir) {
  const std::string prefix = directory_.file("a b & c");
  const std::string libdir = prefix + "/lib/some machine";
  const Outcome installed = shell(make("install", prefix, "LIBDIR='" + libdir + "'"));
  ASSERT_TRUE(installed.status.exited_with(0)) << installed.err;
  test::copy_program("examples/minimal-runtime/main.c", directory_.file("main.c"));
  const Outcome by_pkg_config = build(
      "eval cc hello.c $(pkg-config --cflags --libs nsexec-stub) -pthread -o hello && "
      "eval cc main.c $(pkg-config --cflags --libs nsexec-parent) -o runtime",
      libdir);
  ASSERT_TRUE(by_pkg_config.status.exited_with(0)) << by_pkg_config.err;
  expect_hello(directory_.file("hello"));
  test::write_file(directory_.file("CMakeLists.txt"),
                   "cmake_minimum_required(VERSION 3.13)\nproject(hello C)\n"
                   "find_package(nsexec-stub 0.1 REQUIRED)\nfind_package(Threads REQUIRED)\n"
                   "add_executable(hello hello.c)\nadd_executable(runtime main.c)\n"
                   "target_link_libraries(hello nsexec-stub::entry Threads::Threads)\n"
                   "target_link_libraries(runtime nsexec-stub::parent)\n");
  const Outcome by_cmake = build("cmake -S . -B b '-Dnsexec-stub_DIR=" + libdir +
                                 "/cmake/nsexec-stub' && cmake --build b");
  ASSERT_TRUE(by_cmake.status.exited_with(0)) << by_cmake.out << by_cmake.err;
  expect_hello(directory_.file("b/hello"));
  const Outcome removed = shell(make("uninstall", prefix, "LIBDIR='" + libdir + "'") +
                                " && find '" + prefix + "' -type f");
  EXPECT_TRUE(removed.status.exited_with(0)) << removed.err;
  EXPECT_EQ("", removed.out);
}

// Root may have a umask that gives others nothing.
TEST_F(InstallTest, EverybodyCanReadWhatIsInstalled) {
  const std::string prefix = directory_.file("prefix-077");
  const Outcome installed = shell("umask 077; " + make("install", prefix));
  ASSERT_TRUE(installed.status.exited_with(0)) << installed.err;
  EXPECT_FALSE(test::contains(installed.out + installed.err, "there is no such machine"))
      << installed.out << installed.err;
  const Outcome hidden = shell("find '" + prefix + "' ! -perm -o=r -o -type d ! -perm -o=x");
  EXPECT_EQ("", hidden.out);
}

TEST_F(InstallTest, CMakeConstructorNeedsNoLineOfCode) {
  test::write_file(directory_.file("CMakeLists.txt"),
                   "cmake_minimum_required(VERSION 3.13)\nproject(hello C)\n"
                   "find_package(nsexec-stub REQUIRED)\nfind_package(Threads REQUIRED)\n"
                   "add_executable(hello hello.c)\n"
                   "target_link_libraries(hello nsexec-stub::constructor Threads::Threads)\n");
  const Outcome built =
      build("cmake -S . -B b -DCMAKE_PREFIX_PATH=" + prefix_ + " && cmake --build b");
  ASSERT_TRUE(built.status.exited_with(0)) << built.out << built.err;
  expect_hello(directory_.file("b/hello"));
}

TEST_F(InstallTest, BuildsTheSyscallBenchmark) {
  if (!test::exists("/usr/include/benchmark/benchmark.h")) {
    GTEST_SKIP() << "Google Benchmark is not installed";
  }
  test::copy_program("examples/syscall-benchmark/main.cpp", directory_.file("main.cpp"));
  test::copy_program("examples/syscall-benchmark/CMakeLists.txt",
                     directory_.file("CMakeLists.txt"));
  const Outcome built = build(
      "g++ -std=c++20 -O2 -Wall -Wextra -Werror main.cpp $(pkg-config --cflags nsexec-syscalls) "
      "-lbenchmark -o benchmark && cmake -S . -B b -DCMAKE_PREFIX_PATH=" +
      prefix_ + " && cmake --build b");
  ASSERT_TRUE(built.status.exited_with(0)) << built.out << built.err;
  for (const char* program : {"benchmark", "b/syscall-benchmark"}) {
    const Outcome ran = test::run_command(
        {directory_.file(program), "--benchmark_min_time=0.001", "--benchmark_filter=^(get|open)"});
    EXPECT_TRUE(ran.status.exited_with(0)) << ran.err;
    EXPECT_TRUE(test::contains(ran.out, "open_and_close")) << ran.out;
    EXPECT_FALSE(test::contains(ran.out, "ERROR")) << ran.out;
  }
}

// Compiles each header alone, with a libc and without, and all headers before and after libc's own.
TEST_F(InstallTest, SystemCallHeadersCanBeIncludedAlone) {
  const std::string headers =
      "for h in prefix/include/nsexec/syscalls/*.h; do "
      "echo \"#include <nsexec/syscalls/${h##*/}>\"; done";
  test::write_file(
      directory_.file("libc.h"),
      "#include <cstdio>\n#include <string>\n#include <grp.h>\n#include <sys/ioctl.h>\n"
      "#include <sys/mount.h>\n#include <sys/prctl.h>\n#include <sys/reboot.h>\n"
      "#include <sys/resource.h>\n#include <sys/signalfd.h>\n#include <sys/socket.h>\n"
      "#include <sys/stat.h>\n#include <sys/syscall.h>\n#include <sys/utsname.h>\n"
      "#include <sys/vfs.h>\n#include <sys/wait.h>\n#include <termios.h>\n#include <unistd.h>\n");
  const std::string check =
      " -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Werror -Iprefix/include -fsyntax-only ";
  const Outcome alone = build(
      "for h in prefix/include/nsexec/syscalls/*.h; do echo \"#include "
      "<nsexec/syscalls/${h##*/}>\" > one.cpp; for flags in -O0 '-ffreestanding -nostdlib'; "
      "do "
      "g++ $flags" +
      check + "one.cpp || exit 1; done; done");
  EXPECT_TRUE(alone.status.exited_with(0)) << alone.err;
  const Outcome together = build("{ " + headers + "; echo '#include \"libc.h\"'; } > first.cpp; " +
                                 "{ echo '#include \"libc.h\"'; " + headers + "; } > last.cpp; " +
                                 "for c in g++ clang++; do $c" + check + "first.cpp && $c" + check +
                                 "last.cpp || exit 1; done");
  EXPECT_TRUE(together.status.exited_with(0)) << together.err;
}

// The headers select the machine by the compiler's macros, so one installed tree serves every
// machine.
TEST_F(InstallTest, SystemCallHeadersServeEveryMachine) {
  test::write_file(directory_.file("free.cpp"),
                   "#include <nsexec/syscalls/process.h>\n"
                   "extern \"C\" void _start() { sys::exit(sys::getpid() > 0 ? 42 : 1); }\n");
  int machines = 0;
  for (const char* machine :
       {"x86_64", "aarch64", "powerpc64le", "s390x", "riscv64", "loongarch64", "i686", "arm"}) {
    const std::string compiler = std::string(machine) + "-linux-gnu" +
                                 (machine == std::string("arm") ? "eabihf" : "") + "-g++";
    if (!shell("command -v " + compiler).status.exited_with(0)) continue;
    ++machines;
    const Outcome built =
        build(compiler + " -std=c++20 -Os -ffreestanding -nostdlib -static -fno-exceptions " +
              "-Iprefix/include free.cpp -o free-" + machine);
    EXPECT_TRUE(built.status.exited_with(0)) << machine << built.err;
  }
  EXPECT_LT(0, machines);
  EXPECT_TRUE(test::run_command({directory_.file("free-x86_64")}).status.exited_with(42) ||
              !test::exists(directory_.file("free-x86_64")));
}

TEST_F(InstallTest, LinksAFreestandingProgramWithTheLinkerScript) {
  test::write_file(directory_.file("free.cpp"),
                   "#include <nsexec.h>\n#include <nsexec/syscalls/process.h>\n"
                   "extern \"C\" void nsexec_real_entry(void) { sys::exit(42); }\n");
  const Outcome built = build(
      "g++ -std=c++20 -Os -ffreestanding -fno-exceptions -fno-stack-protector -fpie "
      "-fno-asynchronous-unwind-tables -Iprefix/include -c free.cpp && ld -pie --no-dynamic-linker "
      "-T prefix/lib/nsexec-stub/ld/freestanding.ld --defsym=size_budget=0x8000 -e nsexec_start "
      "free.o prefix/lib/libnsexec.a -o free");
  ASSERT_TRUE(built.status.exited_with(0)) << built.err;
  EXPECT_TRUE(test::run_command({directory_.file("free")}).status.exited_with(42));
}

// tests/go/ tests the Go module further.
TEST_F(InstallTest, BuildsAGoProgram) {
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
  for (const char* machine : {"amd64", "arm64", "ppc64le", "s390x", "riscv64", "386", "arm"}) {
    if (test::exists(prefix_ + "/share/nsexec-stub/go/nsenter/nsexec_linux_" + machine + ".syso")) {
      build(std::string("GOARCH=") + machine);
    }
  }
}

// tests/rust/ tests the crates further.
TEST_F(InstallTest, BuildsRustPrograms) {
  const std::string crates = prefix_ + "/share/nsexec-stub/rust/";
  const auto package = [&](const std::string& name, const std::string& crate,
                           const std::string& program) {
    const std::string directory = directory_.file(name);
    std::filesystem::create_directories(directory + "/src");
    test::write_file(directory + "/Cargo.toml",
                     "[package]\nname = \"" + name +
                         "\"\nversion = \"0.0.0\"\nedition = \"2021\"\n" + "[dependencies]\n" +
                         crate + " = { path = \"" + crates + crate + "\" }\n");
    test::copy_program(program, directory + "/src/main.rs");
    // rustup's cargo finds its toolchains below HOME.
    const char* home = getenv("HOME");
    const Outcome built =
        build("HOME='" + std::string(home == nullptr ? "/tmp" : home) +
                  "' CARGO_HOME=cargo-home cargo build --offline --manifest-path " + name +
                  "/Cargo.toml --target-dir target",
              prefix_ + "/lib");
    ASSERT_TRUE(built.status.exited_with(0)) << built.out << built.err;
  };
  package("hello", "nsexec-stub", "embed/rust/nsexec-stub/examples/hello.rs");
  expect_hello(directory_.file("target/debug/hello"));
  package("runtime", "nsexec-parent", "embed/rust/nsexec-parent/examples/minimal-runtime.rs");
  expect_runtime(directory_.file("target/debug/runtime"));
}

TEST(Dist, IsReproducible) {
  const test::Arguments head = {"/bin/sh", "-c", "git rev-parse HEAD"};
  if (!test::run_command(head, {.uid = 0, .environment = {{"PATH", getenv("PATH")}}})
           .status.exited_with(0)) {
    GTEST_SKIP() << "make dist needs a git checkout";
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

// An unpacked tarball is not a git checkout either.
TEST(Dist, RefusesWithoutAGitCheckout) {
  const test::TemporaryDirectory directory;
  const test::Outcome made =
      test::run_command({"/bin/sh", "-c",
                         "cp -r Makefile make arch stub " + directory.path() + " && make -s -C " +
                             directory.path() + " dist MAKEFLAGS= MAKELEVEL="},
                        {.uid = 0, .environment = {{"HOME", "/tmp"}, {"PATH", getenv("PATH")}}});
  EXPECT_FALSE(made.status.exited_with(0)) << made.out;
  EXPECT_TRUE(test::contains(made.err, "make dist needs a git checkout")) << made.err;
  EXPECT_EQ("", test::run_command(
                    {"/bin/sh", "-c", "ls " + directory.path() + "/build/*.tar.gz 2> /dev/null"})
                    .out);
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
