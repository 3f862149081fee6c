// Fuzzes the log's JSON escapes and compares them with a decoder.
#include <cstring>

#include "stub/log.h"
#include "tests/fuzz/targets.h"

namespace stub {
char* escape_json(const char* text, char* out, const char* end);
}  // namespace stub

namespace fuzz {

namespace {

// Returns the code points. Each byte that is not UTF-8 becomes U+FFFD (RFC 3629, section 4).
std::vector<unsigned> decode_utf8(const Bytes& text) {
  std::vector<unsigned> points;
  const auto byte = [&](size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  for (size_t i = 0; i < text.size();) {
    const unsigned a = byte(i);
    const unsigned b = byte(i + 1);
    const unsigned c = byte(i + 2);
    const unsigned d = byte(i + 3);
    const auto tail = [](unsigned x, unsigned low = 0x80, unsigned high = 0xbf) {
      return x >= low && x <= high;
    };
    if (a < 0x80) {
      points.push_back(a);
      i += 1;
    } else if (a >= 0xc2 && a <= 0xdf && tail(b)) {
      points.push_back((a & 0x1f) << 6 | (b & 0x3f));
      i += 2;
    } else if (a >= 0xe0 && a <= 0xef &&
               tail(b, a == 0xe0 ? 0xa0 : 0x80, a == 0xed ? 0x9f : 0xbf) && tail(c)) {
      points.push_back((a & 0xf) << 12 | (b & 0x3f) << 6 | (c & 0x3f));
      i += 3;
    } else if (a >= 0xf0 && a <= 0xf4 &&
               tail(b, a == 0xf0 ? 0x90 : 0x80, a == 0xf4 ? 0x8f : 0xbf) && tail(c) && tail(d)) {
      points.push_back((a & 0x7) << 18 | (b & 0x3f) << 12 | (c & 0x3f) << 6 | (d & 0x3f));
      i += 4;
    } else {
      points.push_back(0xfffd);
      i += 1;
    }
  }
  return points;
}

// Decodes the inside of a JSON string (RFC 8259). The only escapes are "\u", "\"" and "\\", because
// the log writes no others.
std::vector<unsigned> decode_json(const Bytes& text, const Bytes& bytes) {
  std::vector<unsigned> points;
  const std::vector<unsigned> raw = decode_utf8(text);
  for (size_t i = 0; i < raw.size(); ++i) {
    FUZZ_REQUIRE(raw[i] >= 0x20 && raw[i] != '"' && raw[i] != 0xfffd, bytes);
    if (raw[i] != '\\') {
      points.push_back(raw[i]);
      continue;
    }
    FUZZ_REQUIRE(i + 1 < raw.size(), bytes);
    const unsigned kind = raw[++i];
    if (kind == '"' || kind == '\\') {
      points.push_back(kind);
      continue;
    }
    FUZZ_REQUIRE(kind == 'u' && i + 4 < raw.size(), bytes);
    unsigned point = 0;
    for (int digit = 0; digit < 4; ++digit) {
      const char* const digits = "0123456789abcdef";
      const char* const found = strchr(digits, static_cast<int>(raw[++i]));
      FUZZ_REQUIRE(raw[i] != 0 && raw[i] < 0x80 && found != nullptr, bytes);
      point = point << 4 | static_cast<unsigned>(found - digits);
    }
    points.push_back(point);
  }
  return points;
}

}  // namespace

// The first byte gives the size of the output buffer.
void run_json(const Bytes& bytes) {
  if (bytes.empty()) return;
  const Bytes text = bytes.substr(1, bytes.find('\0', 1) - 1);
  const auto first = static_cast<unsigned char>(bytes[0]);
  const size_t room = first == 255 ? text.size() * 6 + 6 : first;
  const Exact input(text + '\0');
  const Exact output(Bytes(room, '\0'));
  const char* const end = stub::escape_json(input.data(), output.data(), output.data() + room);
  FUZZ_REQUIRE(end >= output.data() && end <= output.data() + room, bytes);
  const std::vector<unsigned> written =
      decode_json({output.data(), static_cast<size_t>(end - output.data())}, bytes);
  std::vector<unsigned> wanted = decode_utf8(text);
  // Characters that do not fit are left out as a whole.
  FUZZ_REQUIRE(written.size() <= wanted.size(), bytes);
  FUZZ_REQUIRE(first != 255 || written.size() == wanted.size(), bytes);
  wanted.resize(written.size());
  FUZZ_REQUIRE(written == wanted, bytes);
}

std::vector<Bytes> json_seeds() {
  return {"\xff/proc/self/exe",
          "\x08/proc/\"self\"\\exe",
          "\xff\x01\x1f\x7f\n\t",
          "\xff\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
          "\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82",
          "\x0e\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"};
}

}  // namespace fuzz
