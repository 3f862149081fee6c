#include "stub/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace {

using stub::LogLevel;
using stub::Record;

std::string escape(const std::string& text) {
  char buffer[4096];
  return {buffer, stub::escape_json(text.c_str(), buffer, buffer + sizeof buffer)};
}

// A log and a pipe to read its records back.
class LogTest : public testing::Test {
 protected:
  LogTest() {
    int ends[2];
    EXPECT_EQ(0, pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    pthread_sigmask(SIG_BLOCK, nullptr, &mask_);
    reader_ = sys::Fd(ends[0]);
    writer_ = sys::Fd(ends[1]);
  }
  ~LogTest() override { pthread_sigmask(SIG_SETMASK, &mask_, nullptr); }
  std::string written() {
    char buffer[65536];
    const ssize_t size = read(reader_.get(), buffer, sizeof buffer);
    return {buffer, size > 0 ? static_cast<size_t>(size) : 0};
  }
  sys::Fd reader_;
  sys::Fd writer_;
  sigset_t mask_{};
};

TEST(EscapeJson, LeavesPlainTextAndUtf8Alone) {
  EXPECT_EQ(escape("/proc/1/ns/net: ü€𐍈"), "/proc/1/ns/net: ü€𐍈");
}

TEST(EscapeJson, EscapesWhatJsonRequiresAndDel) {
  EXPECT_EQ(escape("a\"b\\c\n\x01\x1f\x7f"), "a\\\"b\\\\c\\u000a\\u0001\\u001f\\u007f");
}

TEST(EscapeJson, ReplacesInvalidUtf8) {
  EXPECT_EQ(escape("\xff"), "\\ufffd");
  EXPECT_EQ(escape("\x80x"), "\\ufffdx");
  EXPECT_EQ(escape("\xc0\xaf"), "\\ufffd\\ufffd") << "overlong";
  EXPECT_EQ(escape("\xe0\x80\x80"), "\\ufffd\\ufffd\\ufffd") << "overlong";
  EXPECT_EQ(escape("\xf0\x8f\xbf\xbf"), "\\ufffd\\ufffd\\ufffd\\ufffd") << "overlong";
  EXPECT_EQ(escape("\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd") << "surrogate";
  EXPECT_EQ(escape("\xf4\x90\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd") << "above U+10FFFF";
  EXPECT_EQ(escape("\xe2\x82"), "\\ufffd\\ufffd") << "cut short";
  EXPECT_EQ(escape("\xf8\x88\x80\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd");
}

TEST(EscapeJson, AcceptsTheLowestAndHighestCodePointOfEachLength) {
  for (const char* text : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(escape(text), text);
  }
}

TEST(EscapeJson, NeverCutsAnEscape) {
  const std::string text = "ab\"\xff";
  for (size_t room = 0; room <= 12; ++room) {
    char buffer[16];
    const std::string out(buffer, stub::escape_json(text.c_str(), buffer, buffer + room));
    EXPECT_LE(out.size(), room);
    EXPECT_TRUE(out == "" || out == "a" || out == "ab" || out == "ab\\\"" || out == "ab\\\"\\ufffd")
        << out;
    EXPECT_EQ(room >= 10, out.size() == 10) << "the longest escape has six bytes";
  }
}

TEST_F(LogTest, WritesOneJsonObjectPerLine) {
  stub::Log log(writer_.get(), 6);
  Record(log, LogLevel::kDebug) << "joined " << 3 << ": ENOENT";
  const std::string pid = std::to_string(getpid());
  EXPECT_EQ(written(),
            "{\"level\":\"debug\", \"msg\": \"nsexec[" + pid + "]: joined 3: ENOENT\"}\n");
}

TEST_F(LogTest, NamesTheStageInEachRecord) {
  stub::Log log(writer_.get(), 6);
  log.enter_stage(1);
  Record(log, LogLevel::kInfo) << "x";
  EXPECT_TRUE(test::contains(written(), "nsexec-1[" + std::to_string(getpid()) + "]: x"));
}

TEST_F(LogTest, DropsRecordsAboveTheLevel) {
  for (int level = 0; level <= 6; ++level) {
    stub::Log log(writer_.get(), level);
    for (int i = 0; i <= 6; ++i) Record(log, static_cast<LogLevel>(i)) << "x";
    EXPECT_EQ(test::parse_log(written()).size(), static_cast<size_t>(level) + 1);
  }
}

TEST_F(LogTest, KeepsALongRecordValidAndWithinPipeBuf) {
  stub::Log log(writer_.get(), 6);
  Record(log, LogLevel::kError) << std::string(5000, '"').c_str() << "more";
  const std::string text = written();
  EXPECT_LE(text.size(), size_t{PIPE_BUF});
  EXPECT_EQ(test::parse_log(text).size(), 1U);
}

TEST_F(LogTest, WritesValidRecordsForAllBytes) {
  stub::Log log(writer_.get(), 6);
  for (int first = 1; first < 256; ++first) {
    for (const int second : {0x01, 0x22, 0x5c, 0x7f, 0x80, 0xbf, 0xc2, 0xe0, 0xf0, 0xff}) {
      const char bytes[] = {static_cast<char>(first), static_cast<char>(second), '\0'};
      Record(log, LogLevel::kError) << bytes;
      EXPECT_EQ(test::parse_log(written()).size(), 1U);
    }
  }
}

TEST_F(LogTest, LeavesNoSigpipeAfterAWriteToAClosedPipe) {
  stub::Log log(writer_.get(), 6);
  reader_.reset();
  Record(log, LogLevel::kError) << "this record has no reader";
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(0, sigismember(&pending, SIGPIPE));
  log.restore_signals();
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(0, sigismember(&mask, SIGPIPE));
}

}  // namespace
