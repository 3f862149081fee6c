// Tests that docs/syscalls.md lists every function of the headers as declared, and no other.
#include <filesystem>
#include <regex>
#include <set>

#include "tests/support/support.h"

namespace {

using Declarations = std::set<std::string>;

// Returns a declaration without attributes, inline, constexpr and template parameters.
std::string normalized(const std::string& declaration) {
  std::string text = std::regex_replace(declaration, std::regex("\\s+"), " ");
  for (const char* unwanted :
       {"\\[\\[[^\\]]*\\]\\] ?", "\\b(inline|constexpr) ", "^template <[^>]*> "}) {
    text = std::regex_replace(text, std::regex(unwanted), "");
  }
  return text;
}

// Returns the functions of namespace sys in a header. Their declarations begin at the start of a
// line.
Declarations declared_in(const std::string& header) {
  static const std::regex kFunction(
      "^(?:template <[^>]*>\\s+)?(?:\\[\\[[^\\]]*\\]\\] )*(?:inline|constexpr) "
      "[^{};=]*\\([^{};]*\\)",
      std::regex::multiline);
  static const std::regex kDetail("namespace detail \\{[^]*?\\}  // namespace detail");
  const std::string text = std::regex_replace(test::read_file(header), kDetail, "");
  Declarations found;
  for (std::sregex_iterator match(text.begin(), text.end(), kFunction), end; match != end;
       ++match) {
    found.insert(normalized(match->str()));
  }
  return found;
}

Declarations described() {
  Declarations found;
  for (const std::string& line : test::split(test::read_file("docs/syscalls.md"), '\n')) {
    if (line.rfind("| `", 0) == 0) found.insert(line.substr(3, line.find("` |") - 3));
  }
  return found;
}

// text.h makes no system call. The other two hold only constants.
bool has_wrappers(const std::string& name) {
  return name != "text.h" && name != "uapi.h" && name != "compat.h";
}

TEST(SyscallsPage, ListsEveryFunctionOfTheHeaders) {
  Declarations all;
  const std::string page = test::read_file("docs/syscalls.md");
  for (const auto& entry : std::filesystem::directory_iterator("syscalls")) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(test::contains(page, "`" + name + "`")) << name;
    if (!has_wrappers(name)) continue;
    const Declarations some = declared_in(entry.path());
    all.insert(some.begin(), some.end());
  }
  EXPECT_LT(100U, all.size()) << "the headers were not parsed correctly";
  const Declarations page_has = described();
  for (const std::string& one : all) EXPECT_EQ(1U, page_has.count(one)) << "missing: " << one;
  for (const std::string& one : page_has)
    EXPECT_EQ(1U, all.count(one)) << "not in the headers: " << one;
}

TEST(SyscallsPage, DescribesEachFunction) {
  for (const std::string& line : test::split(test::read_file("docs/syscalls.md"), '\n')) {
    if (line.rfind("| `", 0) != 0) continue;
    const auto cells = test::split(line.substr(line.find("` |")), '|');
    ASSERT_EQ(4U + (cells.size() > 4 ? 1 : 0), cells.size()) << line;
    EXPECT_LT(5U, cells[1].size()) << line;
  }
}

}  // namespace
