// What the linker accepts and what it must refuse, and that builds repeat to the bit. Drives the
// compilers: host only. Run from the top of the repository by `make test`, which sets NSEXEC_*.
#include <cstdlib>

#include "tests/support/support.h"

namespace {

using test::built;
using test::contains;
using test::Outcome;
using test::run_command;

std::string variable(const char* name) {
  const char* value = getenv(name);
  EXPECT_NE(nullptr, value) << name << " is set by make test";
  return value == nullptr ? "" : value;
}

Outcome shell(const std::string& command) {
  return run_command({"/bin/sh", "-c", command},
                     {.uid = 0, .environment = {}, .limit = test::Duration(600000)});
}

// Compiles a source with the stub's own flags and links it with the stub under the assertions.
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
                 built("libnsexec.a") + " -o " + directory_.file("program"));
  }
  void expect_refused(const std::string& source, const std::string& reason) {
    const Outcome outcome = link(source);
    EXPECT_FALSE(outcome.status.exited_with(0)) << source;
    EXPECT_TRUE(contains(outcome.err, reason)) << outcome.err;
  }
  test::TemporaryDirectory directory_;
  std::string budget_ = "0x4000";
};

const std::string kEntry = "extern \"C\" void nsexec_real_entry() { ";

TEST_F(BrokenObjectTest, LinksWhereNothingIsBroken) {
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

TEST(Library, ShowsItsPublicSymbolsAndNoOther) {
  const Outcome outcome =
      shell("nm -g --defined-only " + built("libnsexec.a") + " | awk 'NF==3 {print $3}' | sort -u");
  EXPECT_EQ("nsexec\nnsexec_blob\nnsexec_config\nnsexec_real_entry\nnsexec_start\n", outcome.out);
  const Outcome wanted =
      shell("nm -u " + built("libnsexec.a") + " | awk 'NF==2 {print $2}' | sort -u");
  EXPECT_EQ("_start\nnsexec_blob\nnsexec_config\nnsexec_real_entry\n", wanted.out)
      << "nothing but the real entry point, and what one member wants of another";
}

TEST(Library, LinksByTheCommandOfTheReadme) {
  const test::TemporaryDirectory directory;
  const std::string hello = directory.file("hello");
  const Outcome linked = shell(variable("NSEXEC_CC") + " -static tests/programs/hello.c " +
                               built("libnsexec.a") + " -Wl,-e,nsexec_start -o " + hello);
  EXPECT_TRUE(linked.status.exited_with(0)) << linked.err;
  EXPECT_TRUE(run_command({hello}).status.exited_with(0));
}

// The linker refuses where one object would take the program's mark for CET away.
TEST(Library, LeavesAProgramItsMarkForIndirectJumps) {
  const test::TemporaryDirectory directory;
  test::write_file(directory.file("program.c"), "void _start(void) { for (;;) {} }");
  for (const char* object : {"libnsexec.a", "nsexec-blob.o"}) {
    const Outcome linked =
        shell(variable("NSEXEC_CC") + " -fcf-protection=full -ffreestanding -nostdlib -static " +
              directory.file("program.c") + " " + built(object) +
              " -Wl,-z,cet-report=error,-u,nsexec_blob -o " + directory.file("program"));
    EXPECT_TRUE(linked.status.exited_with(0)) << object << linked.err;
  }
}

TEST(Library, LinksWithLld) {
  const test::TemporaryDirectory directory;
  const std::string hello = directory.file("hello");
  const Outcome linked = shell("clang -static -fuse-ld=lld tests/programs/hello.c " +
                               built("libnsexec.a") + " -Wl,-e,nsexec_start -o " + hello);
  EXPECT_TRUE(linked.status.exited_with(0)) << linked.err;
  EXPECT_TRUE(run_command({hello}).status.exited_with(0));
}

// Two builds of the tree, under two names, one with a space in it, with either compiler.
class ReproducibleTest : public testing::TestWithParam<const char*> {};

TEST_P(ReproducibleTest, BuildsAreIdenticalToTheBit) {
  const test::TemporaryDirectory directory;
  for (const char* name : {"one", "another name"}) {
    const std::string copy = directory.file(name);
    const Outcome built_there = shell(
        "mkdir '" + copy + "' && cp -r Makefile make arch syscalls stub ld tools '" + copy +
        "' && make -s -C '" + copy + "' all TOOLCHAIN=" + GetParam() + " MAKEFLAGS= MAKELEVEL=");
    ASSERT_TRUE(built_there.status.exited_with(0)) << built_there.err;
  }
  for (const char* file : {"libnsexec.a", "nsexec-true", "nsrun", "nsreport"}) {
    const Outcome same = shell("cmp " + directory.path() + "/one/build/*/" + file + " " +
                               directory.path() + "/another\\ name/build/*/" + file);
    EXPECT_TRUE(same.status.exited_with(0)) << same.out << same.err;
  }
}

INSTANTIATE_TEST_SUITE_P(With, ReproducibleTest, testing::Values("gcc", "clang"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
