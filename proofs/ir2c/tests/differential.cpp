// The same functions, compiled directly and by way of ir2c, print the same numbers for the same
// inputs. They use what the sources use: signed and unsigned arithmetic of all widths, structs by
// value, tables, pointers, loops with several exits, switches and overlapping moves.
#include <stddef.h>
#include <stdint.h>

#include "stub/bootstrap.cpp"
#include "stub/environment.cpp"
#include "stub/id_map.h"
#include "tools/nsrun/command_line/values.cpp"

extern "C" void print_number(uint64_t number);

namespace {

template <class T>
void arithmetic(T a, T b) {
  print_number(static_cast<uint64_t>(static_cast<T>(a + b)));
  print_number(static_cast<uint64_t>(static_cast<T>(a - b)));
  print_number(static_cast<uint64_t>(static_cast<T>(a & b) ^ static_cast<T>(a | b)));
  print_number(static_cast<uint64_t>(static_cast<T>(a >> (b & 7))));
  print_number((a < b ? 1U : 0U) + (a == b ? 2U : 0U));
  if (b != 0 && b != static_cast<T>(-1)) {
    print_number(static_cast<uint64_t>(static_cast<T>(a / b)));
    print_number(static_cast<uint64_t>(static_cast<T>(a % b)));
  }
}

uint64_t word_at(const unsigned char* bytes) {
  uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word = word << 8 | bytes[i];
  return word;
}

}  // namespace

// `bytes` are 64 bytes, of which the last is NUL.
extern "C" void differential(unsigned char* bytes) {
  const uint64_t a = word_at(bytes);
  const uint64_t b = word_at(bytes + 8);
  arithmetic(static_cast<uint8_t>(a), static_cast<uint8_t>(b));
  arithmetic(static_cast<int8_t>(a), static_cast<int8_t>(b));
  arithmetic(static_cast<uint16_t>(a), static_cast<uint16_t>(b));
  arithmetic(static_cast<int16_t>(a), static_cast<int16_t>(b));
  arithmetic(static_cast<uint32_t>(a), static_cast<uint32_t>(b));
  arithmetic(a, b);
  arithmetic(static_cast<int32_t>(a) >> 2, static_cast<int32_t>(b) >> 2);
  arithmetic(static_cast<int64_t>(a) >> 2, static_cast<int64_t>(b) >> 2);

  const char* text = reinterpret_cast<const char*>(bytes) + 16;
  const char* cursor = text;
  const sys::Number number = sys::take_signed_decimal(cursor, 100000);
  print_number(static_cast<uint64_t>(number.value) + (number.valid ? 1U << 30 : 0U));
  print_number(static_cast<uint64_t>(cursor - text));
  print_number(nsrun::depth_of(text));
  print_number(static_cast<uint64_t>(nsrun::parse_mode(text).value));
  nsrun::UserIds ids;
  print_number((nsrun::parse_user(text, ids) ? 1U : 0U) + ids.uid + ids.gid + ids.group_count);
  const sys::Decimal decimal(static_cast<int64_t>(a));
  print_number(decimal.text().size() + static_cast<unsigned char>(*decimal.c_str()));
  sys::FixedString<20> string;
  string << text << static_cast<int64_t>(b);
  print_number(string.text().size() * 2 + (string.truncated() ? 1 : 0));

  stub::Bootstrap result{};
  stub::BootstrapParser parser(stub::kDialects[a % 4], result);
  auto* message = reinterpret_cast<char*>(bytes) + 16;
  message[0] = static_cast<char>(4 + bytes[0] % 44);
  message[1] = 0;
  message[2] = static_cast<char>(0x91 + bytes[1] % 11);
  message[3] = 0x6a;
  print_number(parser.attributes({message, 44}) ? 1 : 0);
  print_number(parser.malformed().reason == nullptr ? 0 : sys::length(parser.malformed().reason));
  print_number(result.clone_flags + result.namespace_count + (result.rootless ? 1 : 0));
  for (int i = 0; i < 44; ++i) print_number(static_cast<unsigned char>(message[i]));
}
