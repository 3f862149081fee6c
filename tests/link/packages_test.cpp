// What `make install` puts down is in the packages of each distribution: each file in one of them.
// make test-packages builds them.
#include <fnmatch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/support.h"

namespace {

using Files = std::set<std::string>;
using Packages = std::map<std::string, Files>;  // by name

class PackagesTest : public testing::Test {
 protected:
  static test::Outcome shell(const std::string& command) {
    return test::run_command({"/bin/sh", "-c", command},
                             {.uid = 0,
                              .environment = {{"HOME", "/tmp"}, {"PATH", getenv("PATH")}},
                              .limit = std::chrono::seconds(120)});
  }
  static std::vector<std::string> words(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> all;
    for (std::string word; stream >> word;) all.push_back(word);
    return all;
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> all;
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
  }
  // Installs once for all tests, as the packages of a distribution do. No other machine's compiler
  // is wanted.
  static void SetUpTestSuite() {
    directory_ = new test::TemporaryDirectory;
    const char* make = getenv("NSEXEC_MAKE");
    machine_ = words(shell("uname -m").out).at(0);
    const test::Outcome installed =
        shell(std::string(make == nullptr ? "make" : make) +
              " --no-print-directory install PREFIX=/usr LIBDIR=/usr/lib/" + machine_ +
              "-linux-gnu GO_MACHINES=" + machine_ + " DESTDIR=" + root());
    ASSERT_TRUE(installed.status.exited_with(0)) << installed.out << installed.err;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root())) {
      if (entry.is_symlink() || !entry.is_directory()) {
        installed_.insert(entry.path().string().substr(root().size() + 1));
      }
    }
    ASSERT_FALSE(installed_.empty());
  }
  static void TearDownTestSuite() {
    delete directory_;
    installed_.clear();
  }
  static std::string root() { return directory_->file("root"); }

  // The files that a pattern takes: it may name a directory. The names of hidden files and
  // directories' ends are ordinary.
  static Files taken_by(const std::string& pattern) {
    Files taken;
    for (const std::string& file : installed_) {
      for (size_t end = 0; end != std::string::npos;) {
        end = file.find('/', end + 1);
        if (fnmatch(pattern.c_str(), file.substr(0, end).c_str(), FNM_PATHNAME) == 0) {
          taken.insert(file);
        }
      }
    }
    EXPECT_FALSE(taken.empty()) << pattern << " takes nothing";
    return taken;
  }
  // Each file is in one package.
  static void expect_all_dealt(const Packages& packages) {
    std::map<std::string, int> times;
    for (const auto& [name, files] : packages) {
      for (const std::string& file : files) ++times[file];
    }
    for (const std::string& file : installed_) EXPECT_EQ(1, times[file]) << file;
    EXPECT_EQ(installed_.size(), times.size());
  }
  static Files of(const Packages& packages, const std::string& name) {
    const auto found = packages.find(name);
    return found == packages.end() ? Files{} : found->second;
  }

  static Packages debian() {
    Packages packages;
    Files left_out;
    for (const std::string& line : lines(test::read_file("debian/not-installed"))) {
      if (!line.starts_with('#')) left_out.merge(taken_by(line));
    }
    for (const auto& entry : std::filesystem::directory_iterator("debian")) {
      if (entry.path().extension() != ".install") continue;
      for (const std::string& line : lines(test::read_file(entry.path().string()))) {
        std::vector<std::string> patterns = words(line);
        if (patterns.size() > 1) patterns.pop_back();  // the directory where they go
        for (const std::string& pattern : patterns) {
          for (const std::string& file : taken_by(pattern)) {
            if (!left_out.contains(file)) {
              EXPECT_TRUE(packages[entry.path().stem()].insert(file).second) << file;
            }
          }
        }
      }
    }
    packages["(not installed)"] = left_out;
    return packages;
  }

  static Packages rpm() {
    const std::pair<std::string, std::string> macros[] = {
        {"%{_bindir}", "usr/bin"},
        {"%{_includedir}", "usr/include"},
        {"%{_datadir}", "usr/share"},
        {"%{_mandir}", "usr/share/man"},
        {"%{_libdir}", "usr/lib/" + machine_ + "-linux-gnu"},
    };
    Packages packages;
    std::string package;
    for (const std::string& line : lines(test::read_file("packaging/nsexec-stub.spec"))) {
      const std::vector<std::string> all = words(line);
      if (all.empty() || all[0].starts_with('#')) continue;
      if (all[0] == "%files") {
        package = all.back();
      } else if (all[0] == "%changelog") {
        package.clear();
      } else if (package.empty() || all[0] == "%license" || all[0] == "%doc" || all[0] == "%dir") {
        continue;
      } else {
        std::string pattern = line;
        for (const auto& [macro, path] : macros) {
          if (const size_t at = pattern.find(macro); at != std::string::npos) {
            pattern.replace(at, macro.size(), path);
          }
        }
        for (const std::string& file : taken_by(pattern)) {
          EXPECT_TRUE(packages[package].insert(file).second) << file << " is listed twice";
        }
      }
    }
    return packages;
  }

  // The functions of the APKBUILD really move the files.
  static Packages alpine() {
    const std::string pkgbasedir = directory_->file("alpine");
    // Alpine has no directory for each machine.
    const test::Outcome dealt = shell(
        "rm -rf " + pkgbasedir + " && mkdir -p " + pkgbasedir + " && cp -a " + root() + " " +
        pkgbasedir + "/nsrun && cd " + pkgbasedir +
        "/nsrun && mv usr/lib/*-linux-gnu/* usr/lib/ && rmdir usr/lib/*-linux-gnu && gzip -n "
        "usr/share/man/man7/* && "
        "mkdir -p usr/share/doc/nsexec-stub && touch usr/share/doc/nsexec-stub/README.md && cd " +
        std::filesystem::current_path().string() + " && tests/packaging/alpine split " +
        pkgbasedir);
    EXPECT_TRUE(dealt.status.exited_with(0)) << dealt.out << dealt.err;
    Packages packages;
    for (const std::string& line : lines(dealt.out)) {
      const size_t space = line.find(' ');
      std::string file = line.substr(space + 1);
      if (file == "usr/share/doc/nsexec-stub/README.md") continue;
      if (file.starts_with("usr/lib/")) file.insert(strlen("usr/lib/"), machine_ + "-linux-gnu/");
      if (file.starts_with("usr/share/man/")) file = file.substr(0, file.rfind(".gz"));
      packages[line.substr(0, space)].insert(file);
    }
    return packages;
  }
  static bool has_debian() { return test::exists("debian/control"); }
  // The value of NAME in lines as NAME=VALUE, NAME: VALUE or NAME := VALUE.
  static std::string value_in(const std::string& path, const std::string& name) {
    for (const std::string& line : lines(test::read_file(path))) {
      const std::vector<std::string> all = words(line);
      if (all.empty()) continue;
      if (line.starts_with(name + "=")) {
        std::string value = line.substr(name.size() + 1);
        std::erase(value, '"');
        return value;
      }
      if ((all[0] == name && all.size() > 2 && all[1] == ":=") || all[0] == name + ":") {
        std::string value;
        for (size_t i = all[0] == name ? 2 : 1; i < all.size(); ++i)
          value += (value.empty() ? "" : " ") + all[i];
        return value;
      }
    }
    return "";
  }

  static inline test::TemporaryDirectory* directory_;
  static inline std::string machine_;
  static inline Files installed_;
};

#define SKIP_WITHOUT_DEBIAN() \
  if (!has_debian()) GTEST_SKIP() << "a release of the sources has no debian/"

TEST_F(PackagesTest, DebianHasEachInstalledFileOnce) {
  SKIP_WITHOUT_DEBIAN();
  expect_all_dealt(debian());
}

TEST_F(PackagesTest, RpmHasEachInstalledFileOnce) { expect_all_dealt(rpm()); }

TEST_F(PackagesTest, AlpineHasEachInstalledFileOnce) {
  const Packages packages = alpine();
  expect_all_dealt(packages);
  // What no subpackage takes stays in the main one.
  EXPECT_EQ(Files{"usr/bin/nsrun"}, of(packages, "nsrun"));
}

TEST_F(PackagesTest, NsrunHasTheSameFilesEverywhere) {
  Files by_alpine;
  for (const auto& [name, files] : alpine()) {
    if (name.starts_with("nsrun")) by_alpine.insert(files.begin(), files.end());
  }
  EXPECT_EQ(5U, by_alpine.size());
  EXPECT_EQ(by_alpine, of(rpm(), "nsrun"));
  SKIP_WITHOUT_DEBIAN();
  EXPECT_EQ(by_alpine, of(debian(), "nsrun"));
}

TEST_F(PackagesTest, AllHaveTheVersionOfTheMakefile) {
  const std::string version = value_in("Makefile", "VERSION");
  EXPECT_NE("", version);
  EXPECT_EQ(version, value_in("packaging/nsexec-stub.spec", "Version"));
  EXPECT_EQ(version, value_in("packaging/alpine/APKBUILD", "pkgver"));
  EXPECT_TRUE(test::contains(test::read_file("packaging/alpine/APKBUILD"),
                             "nsexec-stub-" + version + ".tar.gz"));
  SKIP_WITHOUT_DEBIAN();
  EXPECT_TRUE(test::read_file("debian/changelog").starts_with("nsexec-stub (" + version + "-"));
}

TEST_F(PackagesTest, AllAreForEveryMachine) {
  Files kernel_names;
  Files debian_names;
  for (const auto& entry : std::filesystem::directory_iterator("arch")) {
    if (!entry.is_directory()) continue;
    kernel_names.insert(entry.path().filename());
    debian_names.insert(value_in(entry.path() / "arch.mk", "DEBIAN_ARCH"));
  }
  const auto set = [](const std::string& text) {
    const std::vector<std::string> all = words(text);
    return Files(all.begin(), all.end());
  };
  // Some machines have other names in distributions.
  const auto kernels = [&](Files machines, const std::map<std::string, std::string>& others) {
    for (const auto& [name, kernel] : others) {
      if (machines.erase(name) == 1) machines.insert(kernel);
    }
    return machines;
  };
  EXPECT_EQ(kernel_names, kernels(set(value_in("packaging/nsexec-stub.spec", "ExclusiveArch")),
                                  {{"armv7hl", "armv7l"}}));
  EXPECT_EQ(kernel_names, kernels(set(value_in("packaging/alpine/APKBUILD", "arch")),
                                  {{"armv7", "armv7l"}, {"x86", "i686"}}));
  SKIP_WITHOUT_DEBIAN();
  int packages = 0;
  for (const std::string& line : lines(test::read_file("debian/control"))) {
    if (!line.starts_with("Architecture: ") || line == "Architecture: all") continue;
    EXPECT_EQ(debian_names, set(line.substr(strlen("Architecture: "))));
    ++packages;
  }
  EXPECT_EQ(3, packages);
}

}  // namespace
