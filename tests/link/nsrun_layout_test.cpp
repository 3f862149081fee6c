// Tests that nsrun's files include only what their folder may include: docs/source.md.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tests/support/support.h"

namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

constexpr char kNsrun[] = "tools/nsrun/";

// Returns the files of this repository that a file includes, as written in the file.
Names includes_of(const fs::path& file) {
  static const std::regex kInclude("#include \"([^\"]+)\"");
  const std::string text = test::read_file(file.string());
  Names names;
  for (std::sregex_iterator match(text.begin(), text.end(), kInclude);
       match != std::sregex_iterator(); ++match) {
    names.insert((*match)[1].str());
  }
  return names;
}

// Returns "host" for "tools/nsrun/host/watch.h", the file's name for a file at the top of nsrun,
// and the first folder for any other file: "syscalls".
std::string room_of(const std::string& path) {
  if (!path.starts_with(kNsrun)) return path.substr(0, path.find('/'));
  const std::string below = path.substr(strlen(kNsrun));
  return below.find('/') == std::string::npos ? below : below.substr(0, below.find('/'));
}

// The folders and files of nsrun that the files of each folder may include, besides those of their
// own folder.
const std::map<std::string, Names>& rules() {
  static const std::map<std::string, Names> kRules = {
      {"common", {}},
      {"command_line", {"common"}},
      {"boundary.h", {"common", "command_line"}},
      {"host", {"common", "command_line", "boundary.h", "parent"}},
      {"container", {"common", "command_line", "boundary.h"}},
      {"system", {"common", "command_line"}},
      {"main.cpp", {"common", "command_line", "boundary.h", "host", "system"}},
  };
  return kRules;
}

std::vector<std::string> files() {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(kNsrun)) {
    if (entry.is_regular_file()) all.push_back(entry.path().string());
  }
  return all;
}

TEST(NsrunLayout, EachFileIncludesOnlyWhatItsFolderMay) {
  for (const std::string& file : files()) {
    const std::string room = room_of(file);
    ASSERT_TRUE(rules().contains(room)) << file << " is in a folder without a rule";
    for (const std::string& included : includes_of(file)) {
      const std::string from = room_of(included);
      const bool is_library = from == "arch" || from == "syscalls" || from == "stub";
      // The supervisor starts nsrun sealed, as nsrun starts itself.
      const bool is_seal = room == "system" && included == "tools/nsrun/host/seal.h";
      EXPECT_TRUE(is_library || is_seal || from == room || rules().at(room).contains(from))
          << file << " includes " << included;
    }
  }
}

TEST(NsrunLayout, TheConfigurationFileAndTheOptionTableAreIncludedOnlyWhereTheyMay) {
  const Names of_system = {"tools/nsrun/command_line/config.h"};
  const Names of_command_line = {"tools/nsrun/command_line/option_table.h",
                                 "tools/nsrun/command_line/parser.h"};
  for (const std::string& file : files()) {
    const std::string room = room_of(file);
    if (room == "command_line") continue;
    for (const std::string& included : includes_of(file)) {
      EXPECT_FALSE(of_command_line.contains(included)) << file << " includes " << included;
      EXPECT_FALSE(room != "system" && of_system.contains(included))
          << file << " includes " << included;
    }
  }
}

TEST(NsrunLayout, SourcesIncludeTheirOwnHeaderFirst) {
  for (const std::string& file : files()) {
    const std::string header = file.substr(0, file.rfind('.')) + ".h";
    if (!file.ends_with(".cpp") || !fs::exists(header)) continue;
    EXPECT_TRUE(test::read_file(file).starts_with("#include \"" + header + "\"")) << file;
  }
}

}  // namespace
