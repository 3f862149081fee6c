// Tests libnsexec-parent's encoder and its reader of log records. No process is started.
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "parent/nsexec_parent.h"
#include "stub/nsexec.h"
#include "tests/support/support.h"

namespace {

// Parses an encoded message with the stub's parser.
class ParentEncode : public testing::Test {
 protected:
  stub::Bootstrap parse(const nsexec_message& message, const stub::Dialect& dialect) {
    stub::Bootstrap result{};
    bytes_ = encode(message);
    stub::BootstrapParser parser(dialect, result);
    stub::MessageHeader header{};
    memcpy(&header, bytes_.data(), sizeof header);
    EXPECT_EQ(bytes_.size(), header.length);
    EXPECT_TRUE(parser.header(header));
    EXPECT_TRUE(parser.attributes({bytes_.data() + sizeof header, bytes_.size() - sizeof header}))
        << parser.malformed().field << ": " << parser.malformed().reason;
    return result;
  }
  static std::string encode(const nsexec_message& message) {
    const long size = nsexec_parent_encode(&message, nullptr, 0);
    EXPECT_GT(size, 0);
    if (size <= 0) return "";
    std::string bytes(static_cast<size_t>(size), '\0');
    EXPECT_EQ(size, nsexec_parent_encode(&message, bytes.data(), bytes.size()));
    return bytes;
  }
  static long refusal(const nsexec_message& message) {
    return nsexec_parent_encode(&message, nullptr, 0);
  }
  const stub::Dialect& runc_1_2_ = stub::kDialects[NSEXEC_DIALECT_RUNC_1_2];

 private:
  std::string bytes_;
};

TEST_F(ParentEncode, WritesEveryFieldAsTheStubReadsIt) {
  const nsexec_join joins[] = {{"net", "/proc/1/ns/net"}, {"user", "/a b"}};
  const nsexec_id_range uids[] = {{0, 1000, 1}, {1, 4294967294, 1}};
  const nsexec_id_range gids[] = {{0, 7, 4294967295}};
  const nsexec_time_offset offsets[] = {{"monotonic", -5, 0}, {"boottime", 7, 999999999}};
  nsexec_message message{};
  message.clone_flags = CLONE_NEWUSER | CLONE_NEWPID;
  message.setgroups = 1;
  message.rootless = 1;
  message.set_oom_score_adj = 1;
  message.oom_score_adj = -1000;
  message.joins = joins;
  message.join_count = 2;
  message.uid_map = uids;
  message.uid_map_count = 2;
  message.gid_map = gids;
  message.gid_map_count = 1;
  message.uid_map_tool = "/bin/newuidmap";
  message.gid_map_tool = "/bin/newgidmap";
  message.time_offsets = offsets;
  message.time_offset_count = 2;
  const stub::Bootstrap read = parse(message, runc_1_2_);
  EXPECT_EQ(message.clone_flags, read.clone_flags);
  EXPECT_TRUE(read.setgroups);
  EXPECT_TRUE(read.rootless);
  EXPECT_STREQ("-1000", read.oom_score_adj);
  ASSERT_EQ(2U, read.namespace_count);
  EXPECT_STREQ("/proc/1/ns/net", read.namespace_paths.path());
  EXPECT_STREQ("/a b", read.namespace_paths.next().path());
  EXPECT_STREQ("0 1000 1\n1 4294967294 1\n", read.uid_map);
  EXPECT_STREQ("0 7 4294967295\n", read.gid_map);
  EXPECT_STREQ("/bin/newuidmap", read.uid_map_tool);
  EXPECT_STREQ("/bin/newgidmap", read.gid_map_tool);
  EXPECT_STREQ("monotonic -5 0\nboottime 7 999999999\n", read.time_offsets);
}

TEST_F(ParentEncode, OfAnEmptyMessageAsksForNothing) {
  const stub::Bootstrap read = parse({}, runc_1_2_);
  EXPECT_EQ(0U, read.clone_flags);
  EXPECT_EQ(0U, read.namespace_count);
  EXPECT_EQ(nullptr, read.uid_map);
  EXPECT_EQ(nullptr, read.oom_score_adj);
  EXPECT_FALSE(read.setgroups);
}

TEST_F(ParentEncode, WritesTheSameMessageAsTheTestsOwnEncoder) {
  nsexec_message message{};
  message.clone_flags = CLONE_NEWNS;
  message.setgroups = 1;
  EXPECT_EQ(test::Message().flags(CLONE_NEWNS).boolean(stub::Attribute::kSetgroups, true).bytes(),
            encode(message));
}

TEST_F(ParentEncode, WritesMountSources) {
  const nsexec_mount_source sources[] = {{"/one", 7}, {nullptr, 0}, {"/two", 8}};
  nsexec_message message{};
  message.mount_sources = sources;
  message.mount_source_count = 3;
  const stub::Bootstrap read = parse(message, stub::kDialects[NSEXEC_DIALECT_RUNC_1_1]);
  EXPECT_EQ(std::string("/one\0\0/two\0", 11),
            std::string(read.mount_sources, read.mount_sources_end));
}

TEST_F(ParentEncode, RefusesWhatTheStubWouldRefuse) {
  nsexec_message message{};
  message.clone_flags = CLONE_VM;
  EXPECT_EQ(-EINVAL, refusal(message));

  for (const nsexec_join& join :
       {nsexec_join{"net", ""}, nsexec_join{"net", nullptr}, nsexec_join{"nets", "/a"},
        nsexec_join{nullptr, "/a"}, nsexec_join{"net", "/a,b"}}) {
    message = {};
    message.joins = &join;
    message.join_count = 1;
    EXPECT_EQ(-EINVAL, refusal(message)) << join.path;
  }
  const std::vector<nsexec_join> many(33, {"net", "/a"});
  message.joins = many.data();
  message.join_count = 32;
  EXPECT_LT(0, refusal(message));
  message.join_count = 33;
  EXPECT_EQ(-EINVAL, refusal(message));

  const nsexec_id_range none = {0, 0, 0};
  message = {};
  message.gid_map = &none;
  message.gid_map_count = 1;
  EXPECT_EQ(-EINVAL, refusal(message));

  for (const int adjustment : {-1001, 1001}) {
    message = {};
    message.set_oom_score_adj = 1;
    message.oom_score_adj = adjustment;
    EXPECT_EQ(-EINVAL, refusal(message));
  }
  for (const nsexec_time_offset& offset :
       {nsexec_time_offset{"realtime", 0, 0}, nsexec_time_offset{nullptr, 0, 0},
        nsexec_time_offset{"boottime", 0, 1000000000}}) {
    message = {};
    message.time_offsets = &offset;
    message.time_offset_count = 1;
    EXPECT_EQ(-EINVAL, refusal(message));
  }
  const nsexec_time_offset offset = {"boottime", 0, 0};
  const nsexec_mount_source source = {"/", 5};
  message = {};
  message.time_offsets = &offset;
  message.time_offset_count = 1;
  message.mount_sources = &source;
  message.mount_source_count = 1;
  EXPECT_EQ(-EINVAL, refusal(message)) << "attribute 27290 is also the time offsets";
  const nsexec_mount_source negative = {"/", -1};
  message.time_offset_count = 0;
  message.mount_sources = &negative;
  EXPECT_EQ(-EINVAL, refusal(message));
}

TEST_F(ParentEncode, RefusesAListThatIsTooLongForTheLengthField) {
  const std::vector<nsexec_id_range> ranges(10000, {4000000000, 4000000000, 4000000000});
  nsexec_message message{};
  message.uid_map = ranges.data();
  message.uid_map_count = 1985;  // of 33 bytes each: 65505, and a NUL
  EXPECT_LT(0, refusal(message));
  message.uid_map_count = 1986;
  EXPECT_EQ(-E2BIG, refusal(message));
}

TEST_F(ParentEncode, WritesNothingPastAShortBuffer) {
  nsexec_message message{};
  message.setgroups = 1;
  std::string bytes(64, 'x');
  const long size = nsexec_parent_encode(&message, nullptr, 0);
  for (long room = 0; room <= size; ++room) {
    bytes.assign(64, 'x');
    EXPECT_EQ(size, nsexec_parent_encode(&message, bytes.data(), static_cast<size_t>(room)));
    EXPECT_EQ(std::string(64 - static_cast<size_t>(room), 'x'),
              bytes.substr(static_cast<size_t>(room)));
  }
}

// Reads records from a pipe.
class ParentRecords : public testing::Test {
 protected:
  ParentRecords() {
    int ends[2];
    EXPECT_EQ(0, pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    container_.log_pipe = ends[0];
    container_.on_record_ = [](void* context, const nsexec_record* record) {
      auto* records = static_cast<std::vector<std::string>*>(context);
      EXPECT_EQ(strlen(record->text), record->size);
      records->push_back(std::to_string(record->level) + " " + record->text);
    };
    container_.context_ = &records_;
    writer_ = sys::Fd(ends[1]);
  }
  ~ParentRecords() override {
    if (container_.log_pipe >= 0) close(container_.log_pipe);
  }
  std::vector<std::string> after(const std::string& text) {
    records_.clear();
    EXPECT_EQ(static_cast<ssize_t>(text.size()), write(writer_.get(), text.data(), text.size()));
    EXPECT_EQ(1, nsexec_parent_read_records(&container_));
    return records_;
  }
  using Records = std::vector<std::string>;
  nsexec_container container_{};
  Records records_;
  sys::Fd writer_;
};

TEST_F(ParentRecords, KeepTheirLevels) {
  EXPECT_EQ(
      (Records{"5 one", "3 two"}),
      after("{\"level\":\"debug\", \"msg\": \"one\"}\n{\"msg\":\"two\",\"level\":\"warning\"}\n"));
  EXPECT_EQ((Records{"4 three"}), after("{\"msg\": \"three\", \"time\": \"now\"}\n"));
  EXPECT_STREQ("", container_.failure);
}

TEST_F(ParentRecords, AreUnescaped) {
  EXPECT_EQ((Records{"6 a\"b\\c/d\b\f\n\r\te"}),
            after(R"({"level":"trace","msg":"a\"b\\c\/d\b\f\n\r\te"})"
                  "\n"));
  EXPECT_EQ((Records{"6 \x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"}),
            after(R"({"level":"trace","msg":"\u007f\u00e9\u20AC\ud83d\ude00"})"
                  "\n"));
  const std::string replaced = "\xef\xbf\xbd";
  EXPECT_EQ((Records{"6 " + replaced + "x" + replaced + replaced + "A"}),
            after(R"({"level":"trace","msg":"\u0000x\ude00\ud83d\u0041"})"
                  "\n"))
      << "a NUL and unpaired surrogates";
}

TEST_F(ParentRecords, AreReadWholeIfTheirBytesArriveOneByOne) {
  const std::string line = "{\"level\":\"info\",\"msg\":\"whole\"}\n";
  for (size_t i = 0; i + 1 < line.size(); ++i) EXPECT_EQ(Records{}, after(line.substr(i, 1)));
  EXPECT_EQ((Records{"4 whole"}), after("\n"));
}

TEST_F(ParentRecords, ThatAreNotJsonAreGivenAsText) {
  EXPECT_EQ((Records{"-1 panic: no JSON"}), after("panic: no JSON\n"));
  EXPECT_EQ(1U, after("{\"msg\": 7}\n").size());
  EXPECT_EQ(1U, after("{\"msg\": \"no end\n").size());
  EXPECT_EQ(1U, after("{\"msg\":\"\\u12\"}\n").size());
  EXPECT_EQ(1U, after("{\"msg\":\"\\x\"}\n").size());
  EXPECT_EQ(Records{}, after("\n\n"));
}

TEST_F(ParentRecords, OfAnyLengthLoseNoBytes) {
  for (const size_t size : {4094U, 4095U, 4096U, 4097U, 9000U}) {
    std::string all;
    for (const std::string& piece : after(std::string(size, 'x') + "\n")) all += piece.substr(3);
    EXPECT_EQ(std::string(size, 'x'), all);
  }
}

TEST_F(ParentRecords, KeepTheFirstFatalRecordAsTheFailure) {
  (void)after(
      "{\"level\":\"fatal\",\"msg\":\"first\"}\n{\"level\":\"fatal\",\"msg\":\"second\"}\n");
  EXPECT_STREQ("first", container_.failure);
}

TEST_F(ParentRecords, EndWithTheLastLineEvenWithoutANewline) {
  (void)after("{\"level\":\"error\",\"msg\":\"last\"}");
  writer_.reset();
  EXPECT_EQ(0, nsexec_parent_read_records(&container_));
  EXPECT_EQ((Records{"2 last"}), records_);
  EXPECT_EQ(-1, container_.log_pipe);
  EXPECT_EQ(0, nsexec_parent_read_records(&container_));
}

}  // namespace
