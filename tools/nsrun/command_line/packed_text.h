// A text that the compiler packs to half its size. The code to unpack it takes some forty bytes.
//
// The most frequent pair of bytes is replaced by one byte that ASCII does not use. This is
// repeated with the result (byte pair encoding) until all such bytes are used or no pair is worth
// it.
#pragma once

#include "syscalls/text.h"
#include "tools/nsrun/command_line/compiled_text.h"

namespace nsrun {

struct BytePairs {
  static constexpr unsigned char kFirst = 0x80;  // the first byte that stands for a pair
  static constexpr size_t kMost = 0x100 - kFirst;

  unsigned char bytes[kMost][2] = {};
};

namespace detail {

/// A text while it is packed.
template <size_t kSize>
struct Packing {
  BytePairs pairs;
  size_t pair_count = 0;
  unsigned char bytes[kSize] = {};
  size_t size = 0;
};

/// How often each pair of bytes occurs.
class PairCounts {
 public:
  constexpr void add(unsigned char first, unsigned char second) {
    const size_t pair = static_cast<size_t>(first) << 8 | second;
    if (counts_[pair]++ == 0) found_[size_++] = static_cast<unsigned short>(pair);
  }
  /// Returns the most frequent pair and forgets it. Returns 0 if the pair occurs less often than
  /// `least`: it must save more than the two bytes that it takes in the table.
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

/// Replaces the most frequent pairs that have no byte in common and so do not affect each other. It
/// replaces several at once to save compile time.
template <size_t kSize>
constexpr Packing<kSize> packed_further(const Packing<kSize>& before) {
  PairCounts counts;
  for (size_t i = 0; i + 1 < before.size; ++i) {
    counts.add(before.bytes[i], before.bytes[i + 1]);
    // In three equal bytes only one such pair can be replaced.
    if (i + 2 < before.size && before.bytes[i] == before.bytes[i + 1] &&
        before.bytes[i] == before.bytes[i + 2]) {
      ++i;
    }
  }
  Packing<kSize> after;
  after.pairs = before.pairs;
  after.pair_count = before.pair_count;
  unsigned char codes[0x100] = {};    // by a pair's first byte
  unsigned char seconds[0x100] = {};  // the second byte, by a pair's first byte
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

/// One constant for each round, because compilers limit the work for one constant.
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

/// The text that `kWrite` writes (see compiled_text()), packed. It must be ASCII.
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
    // A byte stands for two older bytes, so no more entries can be left to do than there are pairs,
    // plus one.
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
