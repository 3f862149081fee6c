// Tests what the linker accepts and refuses, and that builds are reproducible. It runs the
// compilers, so it runs only on the host. `make test` runs it from the top of the repository and
// sets NSEXEC_*.
#include <unistd.h>

#include <cstdlib>

#include "tests/support/quoted.h"
#include "tests/support/support.h"

namespace {

using test::built;
using test::contains;
using test::Outcome;
using test::quoted;
using test::run_command;

std::string variable(const char* name) {
  const char* value = getenv(name);
  EXPECT_NE(nullptr, value) << name << " is not set: make test sets it";
  return value == nullptr ? "" : value;
}

Outcome shell(const std::string& command) {
  return run_command({"/bin/sh", "-c", command},
                     {.uid = 0, .environment = {}, .limit = test::Duration(600000)});
}

// Compiles a source with the stub's own flags and links it with the stub and the linker script's
// assertions.
class BrokenObjectTest : public testing::Test {
 protected:
  Outcome link(const std::string& source) {
    test::write_file(directory_.file("broken.cpp"), source);
    const std::string object = directory_.file("broken.o");
    const Outcome compiled = shell(variable("NSEXEC_CXX") + " " + variable("NSEXEC_CXXFLAGS") +
                                   " -c " + directory_.file("broken.cpp") + " -o " + object);
    EXPECT_TRUE(compiled.status.exited_with(0)) << compiled.err;
    return shell(variable("NSEXEC_LD") + " -pie --no-dynamic-linker -T ld/freestanding.ld " +
                 "--defsym=size_budget=" + budget_ + " -e nsexec_start " + object + " " +
                 quoted(built("libnsexec.a")) + " -o " + directory_.file("program"));
  }
  void expect_refused(const std::string& source, const std::string& reason) {
    const Outcome outcome = link(source);
    EXPECT_FALSE(outcome.status.exited_with(0)) << source;
    EXPECT_TRUE(contains(outcome.err, reason)) << outcome.err;
  }
  test::TemporaryDirectory directory_;
  std::string budget_ = "0x8000";  // the build checks the real one
};

const std::string kEntry = "extern \"C\" void nsexec_real_entry() { ";

TEST_F(BrokenObjectTest, LinksAProgramWithoutMistakes) {
  const Outcome outcome = link(kEntry + "for (;;) {} }");
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
}

TEST_F(BrokenObjectTest, AWritableGlobalFailsTheLink) {
  expect_refused("int counter = 7; " + kEntry + "for (;;) ++counter; }",
                 "freestanding: a writable global variable (.data)");
  expect_refused("int counter; " + kEntry + "for (;;) ++counter; }",
                 "freestanding: a writable global variable (.bss)");
}

TEST_F(BrokenObjectTest, ACallToAnUndefinedFunctionFailsTheLink) {
  expect_refused("extern \"C\" void elsewhere(); " + kEntry + "elsewhere(); }",
                 "undefined reference to `elsewhere'");
}

TEST_F(BrokenObjectTest, AnAddressInDataFailsTheLink) {
  expect_refused(
      "extern const char* const names[2]; const char* const names[2] = {\"a\", \"b\"}; " + kEntry +
          "for (;;) asm volatile(\"\" : : \"r\"(names[1])); }",
      "freestanding: ");
}

TEST_F(BrokenObjectTest, ThreadLocalStorageFailsTheLink) {
  expect_refused("thread_local int counter = 7; " + kEntry + "for (;;) ++counter; }",
                 "freestanding: thread-local storage");
}

TEST_F(BrokenObjectTest, AConstructorFailsTheLink) {
  expect_refused(
      "[[gnu::constructor]] void first() { asm volatile(\"\"); } " + kEntry + "for (;;) {} }",
      "freestanding: a constructor");
}

TEST_F(BrokenObjectTest, TooMuchCodeFailsTheLink) {
  budget_ = "0x1000";
  expect_refused(kEntry + "for (;;) {} }", "freestanding: over the size budget");
}

std::string symbols(const std::string& library, const std::string& nm_options, int fields) {
  const std::string field = std::to_string(fields);
  return shell("nm " + nm_options + " " + quoted(built(library)) + " | awk 'NF==" + field +
               " {print $" + field + "}' | sort -u")
      .out;
}

TEST(Library, ExportsOnlyItsPublicSymbols) {
  const std::string archive = "nsexec-stub/libnsexec-archive.a";
  EXPECT_EQ("nsexec\nnsexec_blob\nnsexec_config\nnsexec_real_entry\nnsexec_start\n",
            symbols(archive, "-g --defined-only", 3));
  // GCC names the table, which is the linker's own, and Clang does not.
  const Outcome undefined =
      shell("echo '" + symbols(archive, "-u", 2) + "' | grep -vx -e _GLOBAL_OFFSET_TABLE_ -e ''");
  EXPECT_EQ(
      "__ehdr_start\n_start\nenviron\nnsexec_blob\nnsexec_config\n"
      "nsexec_real_entry\nnsexec_start\n",
      undefined.out)
      << "the real entry point, symbols that one member uses from another, and two weak names "
         "of libc and the linker for constructor mode";
}

TEST(ParentLibrary, ExportsItsFunctionsAndNeedsNoSymbol) {
  EXPECT_EQ("", symbols("libnsexec-parent.a", "-u", 2));
  const Outcome header = shell(
      "grep -o '^[a-z ]*nsexec_parent_[a-z_]*(' parent/nsexec_parent.h | grep -o 'nsexec_[a-z_]*' "
      "| sort");
  EXPECT_EQ(header.out, symbols("libnsexec-parent.a", "-g --defined-only", 3));
}

TEST(ParentLibrary, LinksIntoAFreestandingProgram) {
  const test::TemporaryDirectory directory;
  test::write_file(directory.file("program.c"),
                   "#include \"nsexec_parent.h\"\n"
                   "void _start(void) { nsexec_parent_check(\"/\"); for (;;) {} }\n");
  const Outcome linked =
      shell(variable("NSEXEC_CC") + " -std=c99 -Wall -Wextra -Wpedantic -Werror -ffreestanding " +
            "-nostdlib -static -Iparent " + directory.file("program.c") + " " +
            quoted(built("libnsexec-parent.a")) + " -o " + directory.file("program"));
  EXPECT_TRUE(linked.status.exited_with(0)) << linked.err;
}

// Programs linked without -Wl,-e,nsexec_start. Each command names the library as a user who does
// not know the flag might do. Started as an init, no program may run on the host.
class ForgottenFlagTest : public testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  void SetUp() override {
    test::write_file(directory_.file("plain.c"),
                     "#include <stdio.h>\nint main(void) { puts(\"ran\"); return 0; }\n");
    test::write_file(directory_.file("header.c"),
                     "#include \"stub/nsexec.h\"\n" + test::read_file(directory_.file("plain.c")));
  }
  Outcome link(std::string command) {
    const std::pair<std::string, std::string> parts[] = {
        {"PLAIN", directory_.file("plain.c")},
        {"HEADER", "-I. " + directory_.file("header.c")},
        {"LIBRARY", quoted(built("libnsexec.a"))},
        {"ARCHIVE", quoted(built("nsexec-stub/libnsexec-archive.a"))}};
    for (const auto& [name, value] : parts) {
      if (const size_t at = command.find(name); at != std::string::npos) {
        command.replace(at, name.size(), value);
      }
    }
    return shell(command + " -o " + program_);
  }
  void expect_stub_runs() {
    const Outcome as_init =
        run_command({program_}, {.uid = 0, .environment = {{"_LIBCONTAINER_INITPIPE", "three"}}});
    EXPECT_TRUE(as_init.status.exited_with(1)) << as_init.status;
    EXPECT_TRUE(contains(as_init.err, "_LIBCONTAINER_INITPIPE=three")) << as_init.err;
    EXPECT_EQ("", as_init.out);
    const Outcome by_hand = run_command({program_});
    EXPECT_TRUE(by_hand.status.exited_with(0));
    EXPECT_EQ("ran\n", by_hand.out);
  }
  Outcome run_by_parent() { return run_command({built("examples/minimal-runtime"), program_}); }
  const test::TemporaryDirectory directory_;
  const std::string program_ = directory_.file("program");
};

TEST_P(ForgottenFlagTest, RunsTheStubWithoutTheEntryFlag) {
  if (contains(GetParam().second, "-fuse-ld=gold") && shell("command -v ld.gold").out.empty()) {
    GTEST_SKIP() << "gold is not installed; binutils has given it up, and newer releases of Debian "
                    "have it in the package binutils-gold";
  }
  const Outcome linked = link(GetParam().second);
  ASSERT_TRUE(linked.status.exited_with(0)) << linked.err;
  expect_stub_runs();
  const Outcome contained = run_by_parent();
  EXPECT_TRUE(contained.status.exited_with(0)) << contained.err;
  EXPECT_TRUE(contains(contained.out, "ran")) << contained.out << contained.err;
}

INSTANTIATE_TEST_SUITE_P(
    By, ForgottenFlagTest,
    testing::Values(
        std::pair("TheLibrary", "cc PLAIN LIBRARY"),
        std::pair("TheLibraryInFront", "cc LIBRARY PLAIN"),
        std::pair("AStaticLink", "cc -static PLAIN LIBRARY"),
        std::pair("AStaticPieLink", "cc -static-pie PLAIN LIBRARY"),
        std::pair("AProgramWithoutPie", "cc -no-pie PLAIN LIBRARY"),
        std::pair("Musl", "musl-gcc -static PLAIN LIBRARY"),
        std::pair("DynamicMusl", "musl-gcc PLAIN LIBRARY"),
        std::pair("CPlusPlus", "g++ -x c++ PLAIN -x none LIBRARY"),
        std::pair("Gold", "cc -fuse-ld=gold PLAIN LIBRARY"),
        std::pair("Lld", "clang -fuse-ld=lld PLAIN LIBRARY"),
        std::pair("LinkTimeOptimization", "cc -O2 -flto -Wl,--gc-sections -s PLAIN LIBRARY"),
        std::pair("TheHeaderAndTheArchive", "cc HEADER ARCHIVE"),
        std::pair("TheHeaderAndLto", "cc -O2 -flto HEADER ARCHIVE"),
        std::pair("TheHeaderAndClangsLto", "clang -O2 -flto -fuse-ld=lld HEADER ARCHIVE"),
        std::pair("TheWholeArchive", "cc PLAIN -Wl,--whole-archive ARCHIVE -Wl,--no-whole-archive"),
        std::pair("TheLibraryAndTheFlag", "cc PLAIN LIBRARY -Wl,-e,nsexec_start"),
        std::pair("TheArchiveAndTheFlag", "cc PLAIN ARCHIVE -Wl,-e,nsexec_start")),
    [](const auto& each) { return std::string(each.param.first); });

using ForgottenLibraryTest = ForgottenFlagTest;

// The entry flag without the library: the linker only warns that the entry point does not exist.
TEST_F(ForgottenLibraryTest, FailsTheLinkOfAProgramWithTheHeader) {
  for (const char* command :
       {"cc HEADER -Wl,-e,nsexec_start", "cc HEADER", "cc -flto -O2 HEADER"}) {
    const Outcome linked = link(command);
    EXPECT_FALSE(linked.status.exited_with(0)) << command;
    EXPECT_TRUE(contains(linked.err, "undefined reference to `nsexec'")) << linked.err;
  }
}

TEST_F(ForgottenLibraryTest, IsFoundByTheParent) {
  for (const char* command : {"cc PLAIN -Wl,-e,nsexec_start", "cc PLAIN", "cc PLAIN ARCHIVE"}) {
    ASSERT_TRUE(link(command).status.exited_with(0));
    const Outcome refused = run_by_parent();
    EXPECT_TRUE(refused.status.exited_with(1)) << refused.status;
    EXPECT_EQ("", refused.out) << "the program ran";
    EXPECT_TRUE(contains(refused.err, "nsexec-stub is not in front of this program"))
        << refused.err;
  }
}

// Without /proc, constructor mode finds no arguments. So an init ends, and any other process
// continues.
TEST_F(ForgottenLibraryTest, AnInitWithoutProcEnds) {
  if (!test::is_root()) GTEST_SKIP() << "needs root: a root without /proc";
  ASSERT_TRUE(link("cc -static PLAIN LIBRARY").status.exited_with(0));
  const auto in_bare_root = [&] {
    if (chroot(directory_.path().c_str()) != 0 || chdir("/") != 0) _exit(99);
  };
  const Outcome as_init = run_command(
      {"/program"},
      {.uid = 0, .environment = {{"_LIBCONTAINER_INITPIPE", "3"}}, .before_exec = in_bare_root});
  EXPECT_TRUE(as_init.status.exited_with(1)) << as_init.status;
  EXPECT_TRUE(contains(as_init.err, "without /proc")) << as_init.err;
  const Outcome by_hand =
      run_command({"/program"}, {.uid = 0, .environment = {}, .before_exec = in_bare_root});
  EXPECT_TRUE(by_hand.status.exited_with(0)) << by_hand.status;
}

TEST(Library, LinksByTheCommandOfTheReadme) {
  const test::TemporaryDirectory directory;
  const std::string hello = directory.file("hello");
  const Outcome linked = shell(variable("NSEXEC_CC") + " -static tests/programs/hello.c " +
                               quoted(built("libnsexec.a")) + " -Wl,-e,nsexec_start -o " + hello);
  EXPECT_TRUE(linked.status.exited_with(0)) << linked.err;
  EXPECT_TRUE(run_command({hello}).status.exited_with(0));
}

// With -z cet-report=error the linker refuses if one object would remove the program's CET mark.
TEST(Library, KeepsAProgramsMarkForIndirectJumps) {
  const test::TemporaryDirectory directory;
  test::write_file(directory.file("program.c"), "void _start(void) { for (;;) {} }");
  for (const char* object : {"libnsexec.a", "nsexec-stub/libnsexec-archive.a", "nsexec-blob.o"}) {
    const Outcome linked =
        shell(variable("NSEXEC_CC") + " -fcf-protection=full -ffreestanding -nostdlib -static " +
              directory.file("program.c") + " " + quoted(built(object)) +
              " -Wl,-z,cet-report=error,-u,nsexec_blob -o " + directory.file("program"));
    EXPECT_TRUE(linked.status.exited_with(0)) << object << linked.err;
  }
}

TEST(Library, LinksWithLld) {
  const test::TemporaryDirectory directory;
  const std::string hello = directory.file("hello");
  const Outcome linked = shell("clang -static -fuse-ld=lld tests/programs/hello.c " +
                               quoted(built("libnsexec.a")) + " -Wl,-e,nsexec_start -o " + hello);
  EXPECT_TRUE(linked.status.exited_with(0)) << linked.err;
  EXPECT_TRUE(run_command({hello}).status.exited_with(0));
}

// Builds the tree in two directories, one of them with a space in its name, with each compiler.
class ReproducibleTest : public testing::TestWithParam<const char*> {};

TEST_P(ReproducibleTest, BuildsAreIdenticalToTheBit) {
  const test::TemporaryDirectory directory;
  for (const char* name : {"one", "another name"}) {
    const std::string copy = directory.file(name);
    const Outcome built_there = shell(
        "mkdir '" + copy + "' && cp -r Makefile make arch syscalls stub parent ld tools '" + copy +
        "' && make -s -C '" + copy + "' all TOOLCHAIN=" + GetParam() + " MAKEFLAGS= MAKELEVEL=");
    ASSERT_TRUE(built_there.status.exited_with(0)) << built_there.err;
  }
  for (const char* file :
       {"libnsexec.a", "nsexec-stub/libnsexec-archive.a", "nsexec-stub/nsexec-guard.o",
        "libnsexec-parent.a", "nsexec-true", "nsrun", "nsreport"}) {
    const Outcome same = shell("cmp " + directory.path() + "/one/build/*/" + file + " " +
                               directory.path() + "/another\\ name/build/*/" + file);
    EXPECT_TRUE(same.status.exited_with(0)) << same.out << same.err;
  }
}

INSTANTIATE_TEST_SUITE_P(With, ReproducibleTest, testing::Values("gcc", "clang"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
