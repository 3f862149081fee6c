// Tests that nsrun's help, man page and shell completions agree.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <regex>
#include <set>

#include "tests/support/support.h"

namespace {

using Names = std::set<std::string>;

// Returns all long options in a text. An option that exists for each namespace type counts as one.
Names options_in(const std::string& text) {
  static const std::regex kOption("--[a-z][a-z0-9-]*");
  Names names;
  for (std::sregex_iterator match(text.begin(), text.end(), kOption);
       match != std::sregex_iterator(); ++match) {
    std::string name = match->str();
    while (name.back() == '-') name.pop_back();
    static const std::regex kType("--(unshare|share)-(cgroup|ipc|mnt|net|pid|time|user|uts)");
    std::smatch parts;
    if (std::regex_match(name, parts, kType)) name = "--" + parts[1].str();
    names.insert(name);
  }
  return names;
}

Names help() { return options_in(test::run_command({test::built("nsrun"), "--help"}).out); }

TEST(NsrunDocuments, HelpFitsTheWidthOfAPage) {
  const auto lines = test::split(test::run_command({test::built("nsrun"), "--help"}).out, '\n');
  for (const std::string& line : lines) EXPECT_LE(line.size(), 100U) << line;
}

// The man page, with the table of other programs' options separated from the rest.
struct ManPage {
  ManPage() {
    const std::string page = test::read_file("docs/man/nsrun.1");
    const size_t start = page.find("\n.SH IF YOU USED");
    const size_t end = page.find("\n.SH ", start + 1);
    table = page.substr(start, end - start);
    rest = page.substr(0, start) + page.substr(end);
  }
  std::string table;
  std::string rest;
};

TEST(NsrunDocuments, HelpAgreesWithTheManPage) { EXPECT_EQ(help(), options_in(ManPage().rest)); }

TEST(NsrunDocuments, TableOfOtherProgramsNamesOnlyExistingOptions) {
  const Names known = help();
  size_t rows = 0;
  for (const std::string& line : test::split(ManPage().table, '\n')) {
    const size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    ++rows;
    for (const std::string& name : options_in(line.substr(tab))) {
      EXPECT_TRUE(known.contains(name)) << name << " in: " << line;
    }
  }
  EXPECT_GE(rows, 70U);
}

TEST(NsrunDocuments, HelpAgreesWithTheCompletions) {
  EXPECT_EQ(help(), options_in(test::read_file("install/completions/nsrun.bash")));
  EXPECT_EQ(help(), options_in(test::read_file("install/completions/_nsrun")));
}

TEST(NsrunDocuments, CompletionsAgreeWithTheOptionTable) {
  const auto generated = [](const char* shell) {
    return test::run_command({test::built("generate-completions"), shell}).out;
  };
  const char* const remedy = "run `make completions`";
  EXPECT_EQ(generated("bash"), test::read_file("install/completions/nsrun.bash")) << remedy;
  EXPECT_EQ(generated("zsh"), test::read_file("install/completions/_nsrun")) << remedy;
  EXPECT_EQ(generated("fish"), test::read_file("install/completions/nsrun.fish")) << remedy;
}

TEST(NsrunDocuments, HelpNamesOnlyExistingOptions) {
  for (std::string name : help()) {
    if (name == "--unshare" || name == "--share") name += "-net";
    const test::Outcome outcome = test::run_command({test::built("nsrun"), name});
    EXPECT_FALSE(test::contains(outcome.err, "unknown option")) << name;
  }
}

// Calls the completion function as bash does.
TEST(NsrunDocuments, BashCompletes) {
  const auto completed = [](const std::string& words, int at) {
    return test::run_command({"/bin/bash", "-c",
                              "source install/completions/nsrun.bash; COMP_WORDS=(" + words +
                                  "); COMP_CWORD=" + std::to_string(at) +
                                  "; _nsrun; echo ${COMPREPLY[@]}"})
        .out;
  };
  EXPECT_EQ("--read-only\n", completed("nsrun --rea", 1));
  EXPECT_EQ("none net\n", completed("nsrun --ns n", 2));
  EXPECT_EQ("--share-net\n", completed("nsrun --ns all --share-n", 3));
  // The first word is already a complete option.
  EXPECT_EQ("--bind --bind-try --bind-data --bind-fd --bind-idmap --bind-proc\n",
            completed("nsrun --bind", 1));
  EXPECT_EQ("user,mnt\n", completed("nsrun --ns user,m", 2));
  EXPECT_EQ("sys_admin\n", completed("nsrun --cap-add sys_ad", 2));
  EXPECT_TRUE(completed("nsrun --bind /usr /usr/bi", 3).starts_with("/usr/bin"));
  const std::string pid = std::to_string(getpid());
  EXPECT_TRUE(completed("nsrun --join " + pid, 2).starts_with(pid));
}

}  // namespace
