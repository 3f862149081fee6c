// Tests which root file system a command line of nsrun selects.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/nsrun/command_line/options.h"

namespace {

// Returns "host", "own" (--rootfs, --overlay), "assembled", or the parser's error.
std::string root_of(std::vector<const char*> words, const char* name = "nsrun") {
  words.insert(words.begin(), name);
  words.push_back("true");
  words.push_back(nullptr);
  const nsrun::Options options = nsrun::parse_options(words.data());
  if (options.wrong.reason != nullptr) return options.wrong.reason;
  if (!options.has_root()) return "host";
  return options.files.assembled ? "assembled" : "own";
}

TEST(NsrunRoot, IsRecognizedByItsPath) {
  for (const char* path :
       {"/", "//", "/.", "/..", "/../..", "/bin/..", "/a/b/../..", "/a/../../.", "./", ""}) {
    EXPECT_TRUE(nsrun::is_root(path)) << path;
  }
  for (const char* path : {"/a", "/../a", "/a/b/..", "/...", "/.a", "a", "/a/../b"}) {
    EXPECT_FALSE(nsrun::is_root(path)) << path;
  }
}

TEST(NsrunRoot, IsTheHostsByDefault) {
  EXPECT_EQ("host", root_of({}));
  EXPECT_EQ("host", root_of({"--tmpfs", "/tmp"}));
  EXPECT_EQ("host", root_of({"--ro-bind", "/d", "/d"}));
  EXPECT_EQ("host", root_of({"--bind", "/d", "/usr/local"}));
  EXPECT_EQ("host", root_of({"--symlink", "a", "/tmp/b"}));
  EXPECT_EQ("host", root_of({"--proc", "/proc", "--dev", "/dev"}));
  EXPECT_EQ("own", root_of({"--rootfs", "/r", "--ro-bind", "/usr", "/usr"}));
  EXPECT_EQ("own", root_of({"--overlay", "/r", "/bin/.."}));
}

TEST(NsrunRoot, IsAssembledIfSomethingIsMountedOnIt) {
  for (const char* option :
       {"--bind", "--ro-bind", "--dev-bind", "--bind-try", "--ro-bind-try", "--dev-bind-try"}) {
    EXPECT_EQ("assembled", root_of({option, "/d", "/"})) << option;
  }
  EXPECT_EQ("assembled", root_of({"--tmpfs", "/bin/.."}));
  EXPECT_EQ("assembled", root_of({"--overlay-src", "/d", "--tmp-overlay", "/"}));
  EXPECT_EQ("assembled", root_of({"--overlay-src", "/d", "--overlay", "/u", "/w", "/"}));
  EXPECT_EQ("--rootfs or --overlay has given the root already",
            root_of({"--rootfs", "/r", "--tmpfs", "/"}));
}

TEST(NsrunRoot, IsEmptyIfItsDirectoriesAreMountedOneByOne) {
  for (const char* path : {"/usr", "usr", "//usr//", "/bin", "/lib64", "/nix/store"}) {
    EXPECT_EQ("assembled", root_of({"--ro-bind", "/d", path})) << path;
  }
  EXPECT_EQ("assembled", root_of({"--symlink", "usr/lib", "/lib"}));
  EXPECT_EQ("assembled", root_of({"--symlink", "usr/lib", "lib"}));
  EXPECT_EQ("assembled", root_of({"--empty-root"}));
  EXPECT_EQ("host", root_of({"--host-root", "--ro-bind", "/usr", "/usr"}));
  EXPECT_EQ("assembled", root_of({"--tmpfs", "/tmp"}, "/usr/bin/bwrap"));
  EXPECT_EQ("host", root_of({"--tmpfs", "/tmp"}, "/bwrap/nsrun"));
  EXPECT_EQ("own", root_of({"--rootfs", "/r"}, "bwrap"));
}

TEST(NsrunRoot, TakesModesInOctal) {
  EXPECT_EQ(0755, nsrun::parse_mode("0755").value);
  EXPECT_EQ(07777, nsrun::parse_mode("7777").value);
  for (const char* text : {"", "8", "10000", "-1", "7a", "77777777777777777777777"}) {
    EXPECT_FALSE(nsrun::parse_mode(text).valid) << text;
  }
}

}  // namespace
