#include "tools/nsrun/host/message.h"

namespace nsrun {

MessageWriter::MessageWriter(sys::Span<unsigned char> memory) : memory_(memory) {}

void MessageWriter::put(const void* bytes, size_t size) {
  if (size > memory_.size - size_) {
    truncated_ = true;
    return;
  }
  __builtin_memcpy(memory_.data + size_, bytes, size);
  size_ += size;
}

void MessageWriter::add(stub::Attribute type, sys::Text payload, size_t nul) {
  constexpr char kZeros[4] = {};
  const auto length = static_cast<uint16_t>(4 + payload.size() + nul);
  if (4 + payload.size() + nul > 0xffff) truncated_ = true;  // the length field has 16 bits
  put(&length, sizeof length);
  put(&type, sizeof type);
  put(payload.data(), payload.size());
  put(kZeros, nul);
  put(kZeros, -size_ & 3);
}

void MessageWriter::add_integer(stub::Attribute type, uint32_t value) {
  add(type, {reinterpret_cast<const char*>(&value), sizeof value}, 0);
}

void MessageWriter::add_string(stub::Attribute type, sys::Text value) { add(type, value, 1); }

sys::Text MessageWriter::finish() const {
  const stub::MessageHeader header{static_cast<uint32_t>(size_), stub::kMessageTypeInit, 0, 0, 0};
  __builtin_memcpy(memory_.data, &header, sizeof header);
  return {reinterpret_cast<const char*>(memory_.data), size_};
}

}  // namespace nsrun
