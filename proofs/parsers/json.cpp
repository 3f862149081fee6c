// The log's records: stub/log.cpp.
#include "stub/log.cpp"

#include "proofs/parsers/harness.h"

namespace {

constexpr size_t kSize = N;

// Decodes UTF-8 (RFC 3629, section 4): a byte that belongs to no sequence becomes U+FFFD.
unsigned next_point(const char* text, size_t size, size_t& at) {
  const auto byte = [&](size_t i) { return i < size ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [](unsigned x, unsigned low, unsigned high) { return x >= low && x <= high; };
  const unsigned a = byte(at);
  const unsigned b = byte(at + 1);
  const unsigned c = byte(at + 2);
  const unsigned d = byte(at + 3);
  if (a < 0x80) {
    at += 1;
    return a;
  }
  if (a >= 0xc2 && a <= 0xdf && tail(b, 0x80, 0xbf)) {
    at += 2;
    return (a & 0x1f) << 6 | (b & 0x3f);
  }
  if (a >= 0xe0 && a <= 0xef && tail(b, a == 0xe0 ? 0xa0 : 0x80, a == 0xed ? 0x9f : 0xbf) &&
      tail(c, 0x80, 0xbf)) {
    at += 3;
    return (a & 0xf) << 12 | (b & 0x3f) << 6 | (c & 0x3f);
  }
  if (a >= 0xf0 && a <= 0xf4 && tail(b, a == 0xf0 ? 0x90 : 0x80, a == 0xf4 ? 0x8f : 0xbf) &&
      tail(c, 0x80, 0xbf) && tail(d, 0x80, 0xbf)) {
    at += 4;
    return (a & 0x7) << 18 | (b & 0x3f) << 12 | (c & 0x3f) << 6 | (d & 0x3f);
  }
  at += 1;
  return 0xfffd;
}

unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return 16;
}

// Decodes the inside of a JSON string. The only escapes are \u, \" and \\.
unsigned next_of_json(const char* text, size_t size, size_t& at) {
  if (text[at] != '\\') {
    const unsigned point = next_point(text, size, at);
    PROVE(point >= 0x20 && point != '"' && point != 0x7f && point != 0xfffd);
    return point;
  }
  PROVE(at + 1 < size);
  const char kind = text[at + 1];
  if (kind == '"' || kind == '\\') {
    at += 2;
    return static_cast<unsigned char>(kind);
  }
  PROVE(kind == 'u' && at + 6 <= size);
  unsigned point = 0;
  for (size_t i = 2; i < 6; ++i) {
    PROVE(hex_digit(text[at + i]) < 16);
    point = point << 4 | hex_digit(text[at + i]);
  }
  at += 6;
  return point;
}

}  // namespace

// The length of the sequence at the start of any text of kSize characters. Of four characters or
// more, only the first four are read: the memory ends there, without a NUL.
extern "C" void utf8_length() {
  const char* const text = kSize < 4 ? proof::any_string(kSize) : proof::any_bytes(kSize);
  if (kSize >= 4) __CPROVER_assume(text[0] != '\0');
  const size_t length = stub::utf8_length(reinterpret_cast<const unsigned char*>(text));
  size_t after = 0;
  const unsigned point = kSize == 0 ? 0 : next_point(text, kSize, after);
  if (kSize == 0) {
    PROVE(length == 1);
  } else if (length == 0) {
    PROVE(point == 0xfffd && after == 1);
  } else {
    PROVE(after == length);
  }
}

// One character of a text of kSize characters, since there is room for one escape only: it decodes
// to that character.
extern "C" void escape_json_step() {
  constexpr size_t kRoom = 6;
  const char* const text = proof::any_string(kSize);
  char* const output = proof::any_bytes(kRoom);
  const char* const end = stub::escape_json(text, output, output + kRoom);
  PROVE(end >= output && end <= output + kRoom);
  const auto size = static_cast<size_t>(end - output);
  PROVE((size == 0) == (kSize == 0));
  if (kSize == 0) return;
  size_t read = 0;
  const unsigned wanted = next_point(text, kSize, read);
  if (output[0] != '\\') {
    PROVE(size == read && wanted >= 0x20 && wanted != '"' && wanted != 0x7f);
    for (size_t i = 0; i < size; ++i) PROVE(output[i] == text[i]);
  } else if (size == 2) {
    PROVE(output[1] == text[0] && (text[0] == '"' || text[0] == '\\'));
  } else {
    PROVE(size == 6 && output[1] == 'u');
    unsigned point = 0;
    for (size_t i = 2; i < 6; ++i) {
      PROVE(hex_digit(output[i]) < 16);
      point = point << 4 | hex_digit(output[i]);
    }
    PROVE(point == wanted && (point < 0x20 || point == 0x7f || point == 0xfffd));
  }
}

// A text of kSize characters, with room for all of them: it decodes to the same characters.
extern "C" void escape_json() {
  constexpr size_t kRoom = 6 * kSize + 6;
  const char* const text = proof::any_string(kSize);
  char output[kRoom];
  const char* const end = stub::escape_json(text, output, output + kRoom);
  PROVE(end >= output && end <= output + kRoom);
  const auto size = static_cast<size_t>(end - output);
  size_t read = 0;
  size_t written = 0;
  while (written < size) {
    PROVE(read < kSize);
    const unsigned wanted = next_point(text, kSize, read);
    PROVE(next_of_json(output, size, written) == wanted);
  }
  PROVE(written == size && read == kSize);
}

// Two characters into a buffer of exactly kSize bytes: only what the compiler and CBMC check.
extern "C" void escape_json_room() {
  const char* const text = proof::any_string(2);
  char* const output = proof::any_bytes(kSize);
  const char* const end = stub::escape_json(text, output, output + kSize);
  PROVE(end >= output && end <= output + kSize);
}
