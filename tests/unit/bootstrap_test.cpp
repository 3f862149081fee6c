#include "stub/bootstrap.h"

#include <gtest/gtest.h>
#include <sched.h>

#include "syscalls/namespaces.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using stub::Bootstrap;
using stub::Malformed;
using test::Message;

const stub::Dialect& dialect(uint32_t number) {
  const stub::Config config{number, {}, {}};
  return stub::dialect_of(config);
}

// Parses a message's attributes in a buffer that ends exactly where they end.
struct Parsed {
  explicit Parsed(const Message& message, uint32_t dialect_number = NSEXEC_DIALECT_RUNC_1_2)
      : bytes(message.bytes().substr(sizeof(stub::MessageHeader))) {
    const stub::Dialect& rules = dialect(dialect_number);
    stub::BootstrapParser parser(rules, result);
    if (!parser.attributes({bytes.data(), bytes.size()})) malformed = parser.malformed();
  }
  [[nodiscard]] std::string reason() const {
    return malformed.reason == nullptr ? "" : malformed.reason;
  }
  [[nodiscard]] std::string text() const { return malformed.text == nullptr ? "" : malformed.text; }

  std::string bytes;
  Bootstrap result{};
  Malformed malformed{};
};

unsigned number(Attribute attribute) { return static_cast<unsigned>(attribute); }

TEST(Bootstrap, AcceptsAnEmptyMessage) {
  const Parsed parsed{Message()};
  EXPECT_EQ("", parsed.reason());
  EXPECT_EQ(0U, parsed.result.clone_flags);
  EXPECT_EQ(0U, parsed.result.namespace_count);
  EXPECT_EQ(nullptr, parsed.result.uid_map);
}

TEST(Bootstrap, ReadsEveryAttribute) {
  const Parsed parsed(Message()
                          .flags(CLONE_NEWNS | CLONE_NEWTIME)
                          .text(Attribute::kNamespacePaths, "net:/a,pid:/b:c")
                          .text(Attribute::kUidMap, "0 1000 1\n1 100000 65536\n")
                          .text(Attribute::kGidMap, "0 1000 1\n")
                          .boolean(Attribute::kSetgroups, true)
                          .text(Attribute::kOomScoreAdj, "-1000")
                          .boolean(Attribute::kRootless, true)
                          .text(Attribute::kUidMapTool, "/usr/bin/newuidmap")
                          .text(Attribute::kGidMapTool, "/usr/bin/newgidmap")
                          .text(Attribute::kTimeOffsetsOrMountSources, "monotonic 1 0\n"));
  ASSERT_EQ("", parsed.reason());
  const Bootstrap& result = parsed.result;
  EXPECT_EQ(unsigned{CLONE_NEWNS | CLONE_NEWTIME}, result.clone_flags);
  ASSERT_EQ(2U, result.namespace_count);
  EXPECT_STREQ("net:/a", result.namespace_paths.text);
  EXPECT_STREQ("/a", result.namespace_paths.path());
  EXPECT_EQ(unsigned{CLONE_NEWPID}, result.namespace_paths.next().flag());
  EXPECT_STREQ("/b:c", result.namespace_paths.next().path());
  EXPECT_STREQ("0 1000 1\n1 100000 65536\n", result.uid_map);
  EXPECT_STREQ("0 1000 1\n", result.gid_map);
  EXPECT_TRUE(result.setgroups);
  EXPECT_STREQ("-1000", result.oom_score_adj);
  EXPECT_TRUE(result.rootless);
  EXPECT_STREQ("/usr/bin/newuidmap", result.uid_map_tool);
  EXPECT_STREQ("/usr/bin/newgidmap", result.gid_map_tool);
  EXPECT_STREQ("monotonic 1 0\n", result.time_offsets);
}

TEST(Bootstrap, AcceptsAttributesInAnyOrderAndUsesTheLastOfEachType) {
  const Parsed parsed(Message()
                          .text(Attribute::kOomScoreAdj, "1")
                          .flags(CLONE_NEWNET)
                          .text(Attribute::kOomScoreAdj, "2")
                          .text(Attribute::kNamespacePaths, "net:/a,ipc:/b")
                          .flags(CLONE_NEWUTS)
                          .text(Attribute::kNamespacePaths, "mnt:/c"));
  ASSERT_EQ("", parsed.reason());
  EXPECT_STREQ("2", parsed.result.oom_score_adj);
  EXPECT_EQ(unsigned{CLONE_NEWUTS}, parsed.result.clone_flags);
  ASSERT_EQ(1U, parsed.result.namespace_count);
  EXPECT_STREQ("/c", parsed.result.namespace_paths.path());
}

TEST(Bootstrap, AcceptsStringsWithoutANul) {
  // With all lengths modulo 4, so that padding or the next attribute follows.
  for (size_t size = 1; size <= 8; ++size) {
    const std::string tool(size, 'x');
    const Parsed parsed(Message()
                            .add(number(Attribute::kUidMapTool), tool)
                            .add(number(Attribute::kGidMapTool), tool));
    ASSERT_EQ("", parsed.reason());
    EXPECT_EQ(tool, parsed.result.uid_map_tool);
    EXPECT_EQ(tool, parsed.result.gid_map_tool);
  }
}

TEST(Bootstrap, AcceptsEmptyStrings) {
  const Parsed parsed(Message()
                          .add(number(Attribute::kUidMap), "")
                          .text(Attribute::kGidMap, "")
                          .text(Attribute::kUidMapTool, ""));
  ASSERT_EQ("", parsed.reason());
  EXPECT_STREQ("", parsed.result.uid_map);
  EXPECT_STREQ("", parsed.result.gid_map);
}

TEST(Bootstrap, ReadsBooleansOfFourBytesOrOneByte) {
  const unsigned type = number(Attribute::kSetgroups);
  EXPECT_TRUE(Parsed(Message().add(type, test::native(1))).result.setgroups);
  EXPECT_FALSE(Parsed(Message().add(type, test::native(0))).result.setgroups);
  EXPECT_TRUE(Parsed(Message().add(type, std::string("\1", 1))).result.setgroups);
  EXPECT_FALSE(Parsed(Message().add(type, std::string("\0", 1))).result.setgroups);
  // The first byte alone does not decide: on a big-endian machine 1 is 0 0 0 1.
  EXPECT_TRUE(Parsed(Message().add(type, test::native(0x01000000))).result.setgroups);
  EXPECT_TRUE(Parsed(Message().add(type, test::native(0x00000100))).result.setgroups);
}

TEST(Bootstrap, RefusesPayloadsTooShortForTheirType) {
  for (const size_t size : {0U, 1U, 2U, 3U}) {
    const std::string payload(size, '\0');
    const Parsed flags(Message().add(number(Attribute::kCloneFlags), payload));
    EXPECT_EQ("size is under 4", flags.reason());
    EXPECT_EQ(long(size), flags.malformed.number);
    EXPECT_STREQ("clone flags", flags.malformed.field);
    for (const Attribute type : {Attribute::kSetgroups, Attribute::kRootless}) {
      const Parsed boolean(Message().add(number(type), payload));
      EXPECT_EQ(size == 1 ? "" : "size is neither 4 nor 1", boolean.reason());
    }
  }
}

TEST(Bootstrap, RefusesCloneFlagsThatAreNotNamespaces) {
  for (unsigned bit = 0; bit < 32; ++bit) {
    const uint32_t flag = uint32_t{1} << bit;
    const bool is_namespace = (sys::kAllNamespaces & flag) != 0;
    const Parsed parsed(Message().flags(flag));
    EXPECT_EQ(is_namespace ? "" : "not only namespaces", parsed.reason()) << bit;
    EXPECT_EQ(is_namespace ? 0 : long(flag), parsed.malformed.number);
  }
}

TEST(Bootstrap, RefusesBadNamespacePaths) {
  const std::map<std::string, std::string> cases = {
      {"", "not a type and a colon"},
      {"net", "not a type and a colon"},
      {"/proc/1/ns/net", "not a type and a colon"},
      {"net:", "the path is empty"},
      {"net:,pid:/x", "the path is empty"},
      {"net:/x,", "not a type and a colon"},
      {"net:/x,,pid:/y", "not a type and a colon"},
      {",net:/x", "not a type and a colon"},
      {"foo:/x", "not a type and a colon"},
      {"NET:/x", "not a type and a colon"},
      {"network:/x", "not a type and a colon"},
      {":/x", "not a type and a colon"},
      {"pid_for_children:/x", "not a type and a colon"},
  };
  for (const auto& [list, reason] : cases) {
    const Parsed parsed(Message().text(Attribute::kNamespacePaths, list));
    EXPECT_EQ(reason, parsed.reason()) << list;
    EXPECT_STREQ("namespace paths", parsed.malformed.field);
  }
}

TEST(Bootstrap, AcceptsEveryNamespaceTypeAndALimitedNumberOfPaths) {
  std::string list = "cgroup:/a,ipc:/a,mnt:/a,net:/a,pid:/a,time:/a,user:/a,uts:/a";
  EXPECT_EQ(8U, Parsed(Message().text(Attribute::kNamespacePaths, list)).result.namespace_count);
  for (size_t i = 8; i < stub::kMostNamespacePaths; ++i) list += ",net:/a";
  EXPECT_EQ("", Parsed(Message().text(Attribute::kNamespacePaths, list)).reason());
  list += ",net:/a";
  EXPECT_EQ("too many", Parsed(Message().text(Attribute::kNamespacePaths, list)).reason());
}

TEST(Bootstrap, ChecksIdMaps) {
  for (const char* map : {"0 0 1\n", "0 0 1", "  0  0  4294967295 \n", "0 0 1\n1 1 1\n"}) {
    EXPECT_EQ("", Parsed(Message().text(Attribute::kUidMap, map)).reason()) << map;
  }
  for (const char* map : {"0", "0 0\n", "0 0 x\n", "0 0 1 1\n", "a b c\n", "0 0 4294967296\n",
                          "-1 0 1\n", "\n", "0 0 1\n\n", "0 0 1,1 1 1\n", "0\t0\t1\n"}) {
    const Parsed parsed(Message().text(Attribute::kGidMap, map));
    EXPECT_EQ("not lines of: inside outside count", parsed.reason()) << map;
    EXPECT_EQ(map, parsed.text());
  }
}

TEST(Bootstrap, ChecksOomScoreAdj) {
  for (const char* value : {"0", "1000", "-1000", "-1", "007"}) {
    EXPECT_EQ("", Parsed(Message().text(Attribute::kOomScoreAdj, value)).reason()) << value;
  }
  for (const char* value :
       {"", "1001", "-1001", "+1", "1 ", " 1", "x", "0x10", "-", "1.0", "1\n"}) {
    const Parsed parsed(Message().text(Attribute::kOomScoreAdj, value));
    EXPECT_EQ("not a decimal from -1000 to 1000", parsed.reason()) << value;
    EXPECT_EQ(value, parsed.text());
  }
}

TEST(Bootstrap, RefusesANulInsideAString) {
  const std::string payload("0 0\0 1\n\0", 8);
  for (const Attribute type :
       {Attribute::kNamespacePaths, Attribute::kUidMap, Attribute::kGidMap, Attribute::kOomScoreAdj,
        Attribute::kUidMapTool, Attribute::kGidMapTool, Attribute::kTimeOffsetsOrMountSources}) {
    EXPECT_EQ("a NUL inside", Parsed(Message().add(number(type), payload)).reason());
    EXPECT_EQ("a NUL inside", Parsed(Message().add(number(type), std::string("\0\0", 2))).reason());
  }
}

TEST(Bootstrap, RefusesUnknownAttributes) {
  for (const unsigned type : {0U, 1U, 27280U, 27291U, 28000U, 65535U}) {
    const Parsed parsed(Message().add(type, "x"));
    EXPECT_EQ("unknown", parsed.reason());
    EXPECT_EQ(long(type), parsed.malformed.number);
  }
}

TEST(Bootstrap, RefusesImpossibleLengths) {
  const std::string type(2, 'i');
  for (const uint16_t length : {0, 1, 2, 3}) {
    const Parsed parsed(Message().raw(test::native16(length) + type));
    EXPECT_EQ("length is under 4", parsed.reason());
    EXPECT_EQ(long(length), parsed.malformed.number);
  }
  // Lengths past the end by one byte and by many.
  EXPECT_EQ("length is past the end", Parsed(Message().raw(test::native16(5) + type)).reason());
  EXPECT_EQ("length is past the end",
            Parsed(Message().raw(test::native16(0xffff) + type)).reason());
}

TEST(Bootstrap, RefusesTrailingBytesThatAreNotAnAttribute) {
  for (size_t size = 1; size < 4; ++size) {
    const Parsed parsed(Message().flags(0).raw(std::string(size, '\0')));
    EXPECT_EQ("length is under 4", parsed.reason());
  }
}

TEST(Bootstrap, AcceptsALastAttributeWithoutPadding) {
  const Parsed parsed(Message().raw(test::native16(5) + test::native16(27285) + '\1'));
  EXPECT_EQ("", parsed.reason());
  EXPECT_TRUE(parsed.result.setgroups);
}

TEST(Bootstrap, ReadsAttribute27290AsTheDialectDefinesIt) {
  const std::string sources("/a\0\0/b\0", 7);
  const Message message = Message().add(27290, sources);
  EXPECT_EQ("a NUL inside", Parsed(message, NSEXEC_DIALECT_RUNC_1_2).reason());
  const Parsed parsed(message, NSEXEC_DIALECT_RUNC_1_1);
  ASSERT_EQ("", parsed.reason());
  EXPECT_EQ(sources, std::string(parsed.result.mount_sources, parsed.result.mount_sources_end));
  for (const uint32_t old : {NSEXEC_DIALECT_RUNC_1_0, NSEXEC_DIALECT_RUNC_2019}) {
    EXPECT_EQ("unknown in this dialect", Parsed(message, old).reason());
  }
  const Message unended = Message().add(27290, "/a");
  EXPECT_EQ("no NUL at the end", Parsed(unended, NSEXEC_DIALECT_RUNC_1_1).reason());
}

TEST(Bootstrap, ChecksThatMountSourcesMatchTheirFds) {
  const auto check = [](const std::string& sources, const char* fds) {
    Parsed parsed(Message().add(27290, sources), NSEXEC_DIALECT_RUNC_1_1);
    return stub::BootstrapParser(dialect(NSEXEC_DIALECT_RUNC_1_1), parsed.result).mount_fds(fds);
  };
  const std::string two("/a\0\0/b\0", 7);
  EXPECT_TRUE(check(two, "[3,-1,4]"));
  EXPECT_TRUE(check(two, "[ 3 , -1 , 4 ]"));
  EXPECT_TRUE(check(std::string("\0", 1), "[-1]"));
  // runc sends the list as a string, with one more NUL at its end.
  EXPECT_TRUE(check(two + '\0', "[3,-1,4]"));
  EXPECT_TRUE(check(std::string("\0\0/a\0\0", 6), "[-1,-1,6]"));
  EXPECT_FALSE(check(two + std::string("\0\0", 2), "[3,-1,4]"));
  for (const char* fds : {"", "[", "[]", "[3]", "[3,-1]", "[3,-1,4", "[3,-1,4,5]", "[3,4,5]",
                          "[3,-1,-1]", "[3,-2,4]", "[a,-1,4]", "3,-1,4", "[3,-1,99999999999]"}) {
    EXPECT_FALSE(check(two, fds)) << fds;
  }
}

TEST(BootstrapHeader, IsChecked) {
  const auto reason = [](uint32_t length, uint16_t type) {
    Bootstrap unused{};
    stub::BootstrapParser parser(dialect(0), unused);
    return std::string(parser.header({length, type, 0, 0, 0}) ? "" : parser.malformed().reason);
  };
  EXPECT_EQ("", reason(16, 62000));
  EXPECT_EQ("", reason(16 << 20, 62000));
  EXPECT_EQ("under 16", reason(15, 62000));
  EXPECT_EQ("under 16", reason(0, 62000));
  EXPECT_EQ("over 16 MiB", reason((16 << 20) + 1, 62000));
  EXPECT_EQ("not 62000", reason(16, 61999));
  EXPECT_EQ("the parent has failed", reason(16, 2));
}

}  // namespace
