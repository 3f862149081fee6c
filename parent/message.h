// Writes the bootstrap message: docs/protocol.md. libnsexec-parent, nsrun, the tests and the
// benchmarks all use this encoder.
#pragma once

#include "stub/bootstrap.h"
#include "syscalls/text.h"

namespace parent {

/// Builds a message in memory that the caller owns. Bytes that do not fit are counted too, so
/// size() is the memory that the message needs.
class MessageWriter {
 public:
  /// `memory` may be empty, to learn the size.
  explicit MessageWriter(sys::Span<unsigned char> memory) : memory_(memory) {}

  void add_integer(stub::Attribute type, uint32_t value);
  /// Adds the text and a NUL.
  void add_string(stub::Attribute type, sys::Text value);
  /// Adds any type and any payload, unchanged.
  void add_bytes(unsigned type, sys::Text payload);

  /// Adds an attribute in pieces: call begin(), then append() for each piece, then end().
  void begin(unsigned type);
  void append(sys::Text piece);
  void end();

  /// Whether an attribute was too long for its 16-bit length.
  [[nodiscard]] bool too_long() const { return too_long_; }
  /// Whether the message cannot be used: it does not fit, or an attribute is too long.
  [[nodiscard]] bool truncated() const { return too_long_ || size_ > memory_.size; }
  [[nodiscard]] size_t size() const { return size_; }
  /// Fills in the length, and returns the whole message.
  [[nodiscard]] sys::Text finish() const;

 private:
  void put(size_t at, const void* bytes, size_t size) const;

  sys::Span<unsigned char> memory_;
  size_t size_ = sizeof(stub::MessageHeader);
  size_t start_ = 0;  // where the current attribute begins
  bool too_long_ = false;
};

}  // namespace parent
