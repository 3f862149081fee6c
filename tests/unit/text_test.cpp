#include "syscalls/text.h"

#include <gtest/gtest.h>

#include <climits>
#include <string>
#include <vector>

namespace {

using sys::Text;

std::vector<std::string> pieces(const std::string& text) {
  std::vector<std::string> result;
  for (sys::Splitter splitter({text.data(), text.size()}, ','); splitter.more();) {
    const Text piece = splitter.next();
    result.emplace_back(piece.data(), piece.size());
  }
  return result;
}

TEST(Splitter, SplitsText) {
  using Pieces = std::vector<std::string>;
  EXPECT_EQ(pieces(""), Pieces{});
  EXPECT_EQ(pieces("a"), Pieces{"a"});
  EXPECT_EQ(pieces("a,b"), (Pieces{"a", "b"}));
  EXPECT_EQ(pieces("a,"), (Pieces{"a", ""}));
  EXPECT_EQ(pieces(",a"), (Pieces{"", "a"}));
}

TEST(Decimal, ReadsNumbersUpToTheLimit) {
  EXPECT_EQ(sys::parse_decimal("0", 10).value, 0);
  EXPECT_EQ(sys::parse_decimal("10", 10).value, 10);
  EXPECT_EQ(sys::parse_decimal("2147483647", INT_MAX).value, INT_MAX);
  EXPECT_EQ(sys::parse_decimal("007", 10).value, 7);
}

TEST(Decimal, RefusesEverythingElse) {
  for (const char* text : {"", "11", "-1", "+1", " 1", "1 ", "1x", "0x1", "99999999999999999999"}) {
    EXPECT_FALSE(sys::parse_decimal(text, 10).valid) << text;
  }
  EXPECT_FALSE(sys::parse_decimal("2147483648", INT_MAX).valid);
}

TEST(Decimal, ReadsASign) {
  const char* cursor = "-1000,";
  const sys::Number number = sys::take_signed_decimal(cursor, 1000);
  EXPECT_TRUE(number.valid);
  EXPECT_EQ(number.value, -1000);
  EXPECT_STREQ(cursor, ",");
  const char* sign = "-";
  EXPECT_FALSE(sys::take_signed_decimal(sign, 1000).valid);
}

TEST(Decimal, WritesEveryNumber) {
  for (const int64_t value : {int64_t{0}, int64_t{7}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    const sys::Decimal decimal(value);
    EXPECT_EQ(std::string(decimal.text().data(), decimal.text().size()), std::to_string(value));
  }
}

TEST(FixedString, CutsWhatDoesNotFitAndReportsIt) {
  sys::FixedString<8> string;
  string << "abc" << 123;
  EXPECT_STREQ(string.c_str(), "abc123");
  EXPECT_FALSE(string.truncated());
  string << "xyz";
  EXPECT_STREQ(string.c_str(), "abc123x");
  EXPECT_TRUE(string.truncated());
}

}  // namespace
