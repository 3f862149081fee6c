// A text that the compiler makes smaller: half the bytes, for some forty bytes of code to unpack
// it.
//
// The pair of bytes that is there most often becomes one byte that ASCII does not have, and so on
// with the text so made (byte pair encoding), until there is no such byte left or no pair pays.
#pragma once

#include "syscalls/text.h"
#include "tools/nsrun/command_line/compiled_text.h"

namespace nsrun {

struct BytePairs {
  static constexpr unsigned char kFirst = 0x80;  // of the bytes that stand for a pair each
  static constexpr size_t kMost = 0x100 - kFirst;

  unsigned char bytes[kMost][2] = {};
};

namespace detail {

/// A text that is being packed.
template <size_t kSize>
struct Packing {
  BytePairs pairs;
  size_t pair_count = 0;
  unsigned char bytes[kSize] = {};
  size_t size = 0;
};

/// How often each pair of bytes is there.
class PairCounts {
 public:
  constexpr void add(unsigned char first, unsigned char second) {
    const size_t pair = static_cast<size_t>(first) << 8 | second;
    if (counts_[pair]++ == 0) found_[size_++] = static_cast<unsigned short>(pair);
  }
  /// The most frequent one, which is then forgotten, or nothing: a pair has to be worth its two
  /// bytes in the table.
  constexpr size_t take_best(size_t least) {
    size_t best = 0;
    for (size_t i = 0; i < size_; ++i) {
      if (counts_[found_[i]] > counts_[best]) best = found_[i];
    }
    if (counts_[best] < least) return 0;
    last_count_ = counts_[best];
    counts_[best] = 0;
    return best;
  }
  [[nodiscard]] constexpr size_t last_count() const { return last_count_; }

 private:
  unsigned short counts_[0x10000] = {};
  unsigned short found_[0x4000] = {};
  size_t size_ = 0;
  size_t last_count_ = 0;
};

/// Gives the best few pairs that have no byte in common, which makes them independent, bytes of
/// their own. A few at once, for the sake of the compiler's time.
template <size_t kSize>
constexpr Packing<kSize> packed_further(const Packing<kSize>& before) {
  PairCounts counts;
  for (size_t i = 0; i + 1 < before.size; ++i) {
    counts.add(before.bytes[i], before.bytes[i + 1]);
    // Three equal bytes are one such pair.
    if (i + 2 < before.size && before.bytes[i] == before.bytes[i + 1] &&
        before.bytes[i] == before.bytes[i + 2]) {
      ++i;
    }
  }
  Packing<kSize> after;
  after.pairs = before.pairs;
  after.pair_count = before.pair_count;
  unsigned char codes[0x100] = {};    // by a pair's first byte
  unsigned char seconds[0x100] = {};  // the same
  bool used[0x100] = {};
  size_t least = 4;
  while (after.pair_count < BytePairs::kMost) {
    const size_t pair = counts.take_best(least);
    if (pair == 0) break;
    const auto first = static_cast<unsigned char>(pair >> 8);
    const auto second = static_cast<unsigned char>(pair & 0xff);
    if (least == 4) least = counts.last_count() * 2 / 3 + 1;
    if (least < 4) least = 4;
    if (used[first] || used[second]) continue;
    used[first] = used[second] = true;
    const size_t index = after.pair_count++;
    after.pairs.bytes[index][0] = first;
    after.pairs.bytes[index][1] = second;
    codes[first] = static_cast<unsigned char>(BytePairs::kFirst + index);
    seconds[first] = second;
  }
  for (size_t i = 0; i < before.size; ++i) {
    const unsigned char c = before.bytes[i];
    const bool is_pair = codes[c] != 0 && i + 1 < before.size && before.bytes[i + 1] == seconds[c];
    after.bytes[after.size++] = is_pair ? codes[c] : c;
    if (is_pair) ++i;
  }
  return after;
}

template <auto kWrite>
consteval auto unpacked() {
  constexpr auto kText = compiled_text<kWrite>();
  Packing<sizeof kText.characters - 1> packing;
  for (; packing.size + 1 < sizeof kText.characters; ++packing.size) {
    packing.bytes[packing.size] = static_cast<unsigned char>(kText.characters[packing.size]);
  }
  return packing;
}

/// One constant for each round: the work that a compiler is ready to do for one has a limit.
template <auto kWrite, size_t kRound>
inline constexpr auto kPacked = packed_further(kPacked<kWrite, kRound - 1>);
template <auto kWrite>
inline constexpr auto kPacked<kWrite, 0> = unpacked<kWrite>();

}  // namespace detail

template <size_t kSize>
struct PackedText {
  BytePairs pairs;
  unsigned char bytes[kSize] = {};
};

/// The text that `kWrite` writes, as compiled_text() has it, which must be ASCII.
template <auto kWrite>
consteval auto packed_text() {
  constexpr const auto& kLast = detail::kPacked<kWrite, 24>;
  PackedText<kLast.size> text;
  text.pairs = kLast.pairs;
  for (size_t i = 0; i < kLast.size; ++i) text.bytes[i] = kLast.bytes[i];
  return text;
}

inline void append_unpacked(sys::StringBuilder& out, const BytePairs& pairs, sys::Bytes bytes) {
  for (const unsigned char byte : bytes) {
    // What a byte stands for is older than itself: no more than all can be left to do.
    unsigned char left[BytePairs::kMost + 1];
    size_t size = 0;
    left[size++] = byte;
    while (size != 0) {
      const unsigned char c = left[--size];
      if (c >= BytePairs::kFirst) {
        left[size++] = pairs.bytes[c - BytePairs::kFirst][1];
        left[size++] = pairs.bytes[c - BytePairs::kFirst][0];
      } else {
        const char plain = static_cast<char>(c);
        out << sys::Text(&plain, 1);
      }
    }
  }
}

}  // namespace nsrun
