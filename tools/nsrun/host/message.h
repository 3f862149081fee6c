// The bootstrap message, written as a parent writes it. docs/protocol.md.
#pragma once

#include "stub/bootstrap.h"
#include "syscalls/text.h"

namespace nsrun {

/// Puts a message together in memory that somebody else owns. What does not fit is remembered.
class MessageWriter {
 public:
  explicit MessageWriter(sys::Span<unsigned char> memory);

  void add_integer(stub::Attribute type, uint32_t value);
  /// With its terminating NUL.
  void add_string(stub::Attribute type, sys::Text value);

  [[nodiscard]] bool truncated() const { return truncated_; }
  /// The whole message, its length filled in.
  [[nodiscard]] sys::Text finish() const;

 private:
  void add(stub::Attribute type, sys::Text payload, size_t nul);
  void put(const void* bytes, size_t size);

  sys::Span<unsigned char> memory_;
  size_t size_ = sizeof(stub::MessageHeader);
  bool truncated_ = false;
};

}  // namespace nsrun
