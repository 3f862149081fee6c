// The bootstrap message, written as a parent writes it: docs/protocol.md. The one encoder of this
// project, for libnsexec-parent, nsrun, the tests and the benchmarks.
#pragma once

#include "stub/bootstrap.h"
#include "syscalls/text.h"

namespace parent {

/// Puts a message together in memory that the caller owns. What does not fit is counted all the
/// same: size() is then how much memory it takes.
class MessageWriter {
 public:
  /// No memory at all is fine, to learn the size.
  explicit MessageWriter(sys::Span<unsigned char> memory) : memory_(memory) {}

  void add_integer(stub::Attribute type, uint32_t value);
  /// With its terminating NUL.
  void add_string(stub::Attribute type, sys::Text value);
  /// Any type and any payload, as they are.
  void add_bytes(unsigned type, sys::Text payload);

  /// An attribute whose payload comes in pieces: begin(), append() as often as needed, end().
  void begin(unsigned type);
  void append(sys::Text piece);
  void end();

  /// Whether an attribute was longer than its 16-bit length can say.
  [[nodiscard]] bool too_long() const { return too_long_; }
  /// Whether the message is not usable: it does not fit, or an attribute is too long.
  [[nodiscard]] bool truncated() const { return too_long_ || size_ > memory_.size; }
  [[nodiscard]] size_t size() const { return size_; }
  /// The whole message, its length filled in.
  [[nodiscard]] sys::Text finish() const;

 private:
  void put(size_t at, const void* bytes, size_t size) const;

  sys::Span<unsigned char> memory_;
  size_t size_ = sizeof(stub::MessageHeader);
  size_t start_ = 0;  // of the attribute that has begun
  bool too_long_ = false;
};

}  // namespace parent
