// Tests the parsers of nsrun's command line and configuration file.
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tools/nsrun/command_line/capabilities.h"
#include "tools/nsrun/command_line/config.h"
#include "tools/nsrun/command_line/option_names.h"
#include "tools/nsrun/command_line/option_table.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/common/id_ranges.h"

namespace {

using nsrun::Options;

// A command line that owns its strings.
class CommandLine {
 public:
  explicit CommandLine(std::vector<std::string> words) : words_(std::move(words)) {
    words_.insert(words_.begin(), "nsrun");
    for (const std::string& word : words_) argv_.push_back(word.c_str());
    argv_.push_back(nullptr);
  }
  [[nodiscard]] Options parse() const { return nsrun::parse_options(argv_.data()); }

 private:
  std::vector<std::string> words_;
  std::vector<const char*> argv_;
};

std::string wrong(const std::vector<std::string>& words) {
  const CommandLine line(words);
  const Options options = line.parse();
  if (options.wrong.reason == nullptr) return "";
  std::string said = options.wrong.option;
  if (options.wrong.value != nullptr) said += std::string(" ") + options.wrong.value;
  return said + ": " + options.wrong.reason;
}

TEST(NsrunOptions, ReportWhatIsWrong) {
  EXPECT_EQ("--nonsense: unknown option", wrong({"--nonsense"}));
  EXPECT_EQ("-ns: unknown option", wrong({"-ns", "all"}));
  EXPECT_EQ("--unshare-nothing: unknown option", wrong({"--unshare-nothing"}));
  EXPECT_EQ("--bind: needs two values", wrong({"--bind", "/a"}));
  EXPECT_EQ("--bind: takes two values, each an argument", wrong({"--bind=/a", "/b"}));
  EXPECT_EQ("--tty: takes no value", wrong({"--tty=yes"}));
  EXPECT_EQ("--user 1:: not of the form UID[:GID[,GROUP]...]", wrong({"--user", "1:"}));
  EXPECT_EQ("--user 4294967295: not of the form UID[:GID[,GROUP]...]",
            wrong({"--user", "4294967295"}));
  EXPECT_EQ("--rlimit nofile: not of the form NAME=SOFT[:HARD]", wrong({"--rlimit", "nofile"}));
  EXPECT_EQ("--rlimit nofile=2:1: not of the form NAME=SOFT[:HARD]",
            wrong({"--rlimit=nofile=2:1"}));
  EXPECT_EQ("--rlimit x=1: not of the form NAME=SOFT[:HARD]", wrong({"--rlimit", "x=1"}));
  EXPECT_EQ("--cap-add cap_nothing: not a capability or all", wrong({"--cap-add", "cap_nothing"}));
  EXPECT_EQ("--cap-drop : not a capability or all", wrong({"--cap-drop", ""}));
  EXPECT_EQ("--env A: not of the form NAME=VALUE", wrong({"--env", "A"}));
  EXPECT_EQ("--env =A: not of the form NAME=VALUE", wrong({"--env", "=A"}));
  EXPECT_EQ("--unset-env A=: not a name", wrong({"--unset-env", "A="}));
  EXPECT_EQ("--tmpfs x: must be an absolute path inside the container", wrong({"--tmpfs", "x"}));
  EXPECT_EQ("--bind /a: must be an absolute path inside the container",
            wrong({"--bind", "/a", "b"}));
  EXPECT_EQ("--nice 20: not a number from -20 to 19", wrong({"--nice", "20"}));
  EXPECT_EQ("--seccomp x: not a file descriptor", wrong({"--seccomp", "x"}));
  EXPECT_EQ("--info-fd -1: not a file descriptor", wrong({"--info-fd", "-1"}));
  EXPECT_EQ("--cgroup : not a path", wrong({"--cgroup", ""}));
}

TEST(NsrunOptions, OfFilesReportWhatIsWrong) {
  for (const char* option :
       {"--file", "--bind-data", "--ro-bind-data", "--bind-fd", "--ro-bind-fd"}) {
    const std::string name = option;
    EXPECT_EQ("", wrong({name, "0", "/a"}));
    EXPECT_EQ("", wrong({name, "2147483647", "/a"}));
    EXPECT_EQ(name + " x: not a file descriptor", wrong({name, "x", "/a"}));
    EXPECT_EQ(name + " -1: not a file descriptor", wrong({name, "-1", "/a"}));
    EXPECT_EQ(name + " 2147483648: not a file descriptor", wrong({name, "2147483648", "/a"}));
    EXPECT_EQ(name + " 5: must be an absolute path inside the container", wrong({name, "5", "a"}));
    EXPECT_EQ(name + ": needs two values", wrong({name, "5"}));
  }
  for (const std::string name : {"--bind-idmap", "--ro-bind-idmap"}) {
    EXPECT_EQ("", wrong({name, "a", "/a"}));
    EXPECT_EQ(name + " a: must be an absolute path inside the container", wrong({name, "a", "a"}));
  }
  EXPECT_EQ("--remount-ro a: must be an absolute path inside the container",
            wrong({"--remount-ro", "a"}));
  for (const std::string mode : {"", "8", "0x1", "10000", "7777777777777777777777", "-1", "7 "}) {
    EXPECT_EQ("--chmod " + mode + ": not an octal mode up to 07777", wrong({"--chmod", mode, "/"}));
    EXPECT_EQ("--perms " + mode + ": not an octal mode up to 07777",
              wrong({"--perms", mode, "--file", "5", "/a"}));
  }
  EXPECT_EQ("--chmod 7: must be an absolute path inside the container",
            wrong({"--chmod", "7", "a"}));
}

TEST(NsrunOptions, PermsMustPrecedeAnOptionThatMakesAFileOrDirectory) {
  EXPECT_EQ("", wrong({"--perms", "07777", "--dir", "/a", "--dev", "/d"}));
  for (const char* option : {"--file", "--bind-data", "--ro-bind-data"}) {
    EXPECT_EQ("", wrong({"--perms", "07777", option, "5", "/a", "--dev", "/d"}));
  }
  const std::string reason =
      "--perms: wants an option right after it that makes a directory or a file";
  EXPECT_EQ(reason, wrong({"--perms", "7"}));
  EXPECT_EQ(reason, wrong({"--perms", "7", "--", "--file", "5", "/a"}));
  EXPECT_EQ(reason, wrong({"--perms", "7", "--bind", "/", "/a", "--file", "5", "/a"}));
}

TEST(NsrunOptions, OfPropagationNeverShareMountsWithTheHost) {
  for (const char* mode : {"private", "rprivate", "slave", "rslave"}) {
    const CommandLine line({"--propagation", mode});
    EXPECT_EQ(nullptr, line.parse().wrong.reason);
    EXPECT_EQ(std::string(mode).find("slave") != std::string::npos, line.parse().files.slave);
  }
  EXPECT_FALSE(
      CommandLine({"--propagation", "slave", "--propagation", "private"}).parse().files.slave);
  for (const std::string mode : {"shared", "rshared", "unchanged"}) {
    EXPECT_EQ("--propagation " + mode +
                  ": the container's mounts would appear on the host; give slave or private",
              wrong({"--propagation", mode}));
  }
  EXPECT_EQ("--propagation : not private or slave", wrong({"--propagation", ""}));
}

TEST(NsrunIdRanges, MapAnIdToTheOutsideId) {
  EXPECT_EQ(7U, nsrun::mapped_id(nullptr, 7));
  EXPECT_EQ(100007U, nsrun::mapped_id("0:100000:65536", 7));
  EXPECT_EQ(165535U, nsrun::mapped_id("0:100000:65536", 65535));
  EXPECT_EQ(~0U, nsrun::mapped_id("0:100000:65536", 65536));
  EXPECT_EQ(50U, nsrun::mapped_id("0:10:1,5:50:2,3:30:1", 5));
  EXPECT_EQ(30U, nsrun::mapped_id("0:10:1,5:50:2,3:30:1", 3));
  EXPECT_EQ(~0U, nsrun::mapped_id("1:10:1", 0));
  EXPECT_EQ(4294967294U, nsrun::mapped_id("0:0:4294967295", 4294967294U));
}

TEST(NsrunOptions, ChooseNamespaces) {
  const auto created = [](const std::vector<std::string>& words) {
    return CommandLine(words).parse().namespaces_to_create();
  };
  EXPECT_EQ(sys::kAllNamespaces, created({}));
  EXPECT_EQ(0U, created({"--join", "1"}));
  EXPECT_EQ(unsigned{CLONE_NEWNET | CLONE_NEWPID}, created({"--unshare-net", "--unshare-pid"}));
  // Options that mount need a mount namespace, unless --ns lists exactly the namespaces to create.
  EXPECT_EQ(unsigned{CLONE_NEWNET | CLONE_NEWNS}, created({"--unshare-net", "--tmpfs", "/x"}));
  EXPECT_EQ(unsigned{CLONE_NEWNET | CLONE_NEWNS}, created({"--tmpfs", "/x", "--unshare-net"}));
  EXPECT_EQ(unsigned{CLONE_NEWNET}, created({"--ns", "net", "--tmpfs", "/x"}));
  EXPECT_EQ(sys::kAllNamespaces & ~unsigned{CLONE_NEWNET}, created({"--share-net"}));
  EXPECT_EQ(sys::kAllNamespaces & ~unsigned{CLONE_NEWNET},
            created({"--unshare-all", "--share-net"}));
  EXPECT_EQ(unsigned{CLONE_NEWUTS}, created({"--ns", "uts,net", "--share-net"}));
}

TEST(NsrunOptions, EndWhereTheCommandBegins) {
  const CommandLine line({"--verbose", "--", "--ns", "x"});
  EXPECT_STREQ("--ns", line.parse().command[0]);
  const CommandLine plain({"cat", "--ns"});
  EXPECT_STREQ("cat", plain.parse().command[0]);
  EXPECT_EQ(nullptr, CommandLine({"--verbose"}).parse().command);
}

// Finds mistakes in the table: a name that appears twice, or an entry without a handler.
TEST(NsrunOptions, HaveUniqueNamesAndHandlers) {
  std::set<std::string> names;
  for (const nsrun::OptionEntry& entry : nsrun::kOptions) {
    EXPECT_STRNE("", entry.help);
    if (entry.names == nullptr) continue;
    EXPECT_NE(nullptr, entry.take) << entry.names;
    std::string list = entry.names;
    for (char& c : list) c = c == ',' ? ' ' : c;
    std::istringstream stream(list);
    for (std::string name; stream >> name;) {
      EXPECT_TRUE(names.insert(name).second) << name << " appears twice";
      EXPECT_EQ('-', name[0]) << name;
    }
  }
  EXPECT_GT(names.size(), 50U);
}

TEST(NsrunOptions, AreFoundAloneAndWithAnEqualsSign) {
  size_t found = 0;
  for (const char* name = nsrun::option_names(); *name != '\0'; name += strlen(name) + 1) {
    std::string option = name;
    const size_t type = option.find("TYPE");
    if (type != std::string::npos) option.replace(type, 4, "net");
    const std::string with_value = option + "=x";
    for (const std::string& word : {option, with_value}) {
      const char* const argv[] = {"nsrun", word.c_str(), "a", "b", "c", nullptr};
      nsrun::OptionReader reader(argv);
      (void)reader.next();
      const char* const why = reader.wrong() == nullptr ? "" : reader.wrong();
      // The name of a type takes no more.
      const bool ends = type != std::string::npos && word == with_value;
      EXPECT_EQ(ends, std::string(nsrun::kUnknownOption) == why) << word << ": " << why;
      ++found;
    }
    EXPECT_EQ(option + "x: unknown option", wrong({option + "x"}));
  }
  EXPECT_GT(found, 200U);
  for (const char* none : {"-", "-=", "-=x", "---", "--=", "--=x", "-\xff", "--\xff"}) {
    EXPECT_EQ(std::string(none) + ": unknown option", wrong({none}));
  }
}

TEST(NsrunOptions, HaveShortAliases) {
  EXPECT_TRUE(CommandLine({"-h"}).parse().help);
  EXPECT_TRUE(CommandLine({"--help"}).parse().help);
}

TEST(NsrunCapabilities, AreParsedInAnyCaseWithAndWithoutPrefix) {
  EXPECT_EQ(uint64_t{1}, nsrun::parse_capability("CAP_CHOWN"));
  EXPECT_EQ(uint64_t{1} << 12, nsrun::parse_capability("net_admin"));
  EXPECT_EQ(uint64_t{1} << 40, nsrun::parse_capability("cap_checkpoint_restore"));
  EXPECT_EQ(~uint64_t{0}, nsrun::parse_capability("ALL"));
  EXPECT_EQ(0U, nsrun::parse_capability("cap_"));
}

TEST(NsrunCapabilities, AreDroppedAndAddedInOrder) {
  const CommandLine line(
      {"--cap-drop", "all", "--cap-add", "kill", "--cap-add", "chown", "--cap-drop", "chown"});
  const Options options = line.parse();
  EXPECT_EQ(uint64_t{1} << 5, nsrun::wanted_capabilities(options));
  EXPECT_EQ(uint64_t{1} << 5, nsrun::added_capabilities(options));
}

// A parsed configuration, and the messages about its lines.
class ParsedConfig {
 public:
  explicit ParsedConfig(std::string text) : text_(std::move(text)) {
    said().clear();
    wrong_ = config_.parse({text_.data(), text_.size()}, "file",
                           [](const char* file, unsigned line, const char* reason) {
                             said() += std::string(file) + ":" + std::to_string(line) + ": " +
                                       reason + "\n";
                           });
  }
  static std::string& said() {
    static std::string all;
    return all;
  }
  nsrun::Config& operator*() { return config_; }
  [[nodiscard]] size_t wrong() const { return wrong_; }
  std::string words(size_t index) {
    std::string all;
    for (const char* const* word = config_[index].argv; *word != nullptr; ++word) {
      all += std::string("[") + *word + "]";
    }
    return all;
  }

 private:
  std::string text_;
  nsrun::Config config_;
  size_t wrong_ = 0;
};

TEST(NsrunConfig, HasOneContainerPerLine) {
  ParsedConfig parsed(
      "# a comment\n\n  finally stay # the end\n"
      "web always --rootfs /srv/web -- httpd -f  # serves\n"
      "job on-failure echo 'a  b' \"c \\\" d\" e\\ f ''\n"
      "last once true");
  EXPECT_EQ("", ParsedConfig::said());
  EXPECT_EQ(nsrun::Finally::kStay, (*parsed).finally());
  ASSERT_EQ(3U, (*parsed).size());
  EXPECT_STREQ("web", (*parsed)[0].name);
  EXPECT_EQ(nsrun::Restart::kAlways, (*parsed)[0].restart);
  EXPECT_EQ("[nsrun][--die-with-parent][--rootfs][/srv/web][--][httpd][-f]", parsed.words(0));
  EXPECT_EQ(nsrun::Restart::kOnFailure, (*parsed)[1].restart);
  EXPECT_EQ("[nsrun][--die-with-parent][echo][a  b][c \" d][e f][]", parsed.words(1));
  EXPECT_EQ(nsrun::Restart::kOnce, (*parsed)[2].restart);
}

TEST(NsrunConfig, ReportsAWrongLineAndContinues) {
  ParsedConfig parsed(
      "finally never\na sometimes true\nb once\nc once --nonsense true\nd once 'true\ne\n"
      "f once true\nf once true\n");
  EXPECT_EQ(
      "file:1: finally: not poweroff, reboot or stay\n"
      "file:2: not of the form NAME once|always|on-failure [OPTION]... COMMAND [ARGUMENT]...\n"
      "file:3: COMMAND: missing\n"
      "file:4: unknown option\n"
      "file:5: a quote is not closed\n"
      "file:6: not of the form NAME once|always|on-failure [OPTION]... COMMAND [ARGUMENT]...\n"
      "file:8: a container of that name exists\n",
      ParsedConfig::said());
  EXPECT_EQ(7U, parsed.wrong());
  EXPECT_EQ(1U, (*parsed).size());
}

TEST(NsrunConfig, MayBeEmpty) {
  ParsedConfig parsed("");
  EXPECT_EQ(0U, (*parsed).size());
  EXPECT_EQ(nsrun::Finally::kPowerOff, (*parsed).finally());
}

}  // namespace
