#include "parent/message.h"

namespace parent {

void MessageWriter::put(size_t at, const void* bytes, size_t size) const {
  if (at > memory_.size || size > memory_.size - at) return;
  __builtin_memcpy(memory_.data + at, bytes, size);
}

void MessageWriter::append(sys::Text piece) {
  put(size_, piece.data(), piece.size());
  size_ += piece.size();
}

void MessageWriter::begin(unsigned type) {
  start_ = size_;
  const uint16_t header[2] = {0, static_cast<uint16_t>(type)};
  append({reinterpret_cast<const char*>(header), sizeof header});
}

void MessageWriter::end() {
  constexpr char kZeros[3] = {};
  const size_t size = size_ - start_;
  const auto length = static_cast<uint16_t>(size);
  if (size != length) too_long_ = true;
  put(start_, &length, sizeof length);
  append({kZeros, -size_ & 3});
}

void MessageWriter::add_bytes(unsigned type, sys::Text payload) {
  begin(type);
  append(payload);
  end();
}

void MessageWriter::add_integer(stub::Attribute type, uint32_t value) {
  add_bytes(static_cast<unsigned>(type), {reinterpret_cast<const char*>(&value), sizeof value});
}

void MessageWriter::add_string(stub::Attribute type, sys::Text value) {
  begin(static_cast<unsigned>(type));
  append(value);
  append({"", 1});
  end();
}

sys::Text MessageWriter::finish() const {
  const stub::MessageHeader header{static_cast<uint32_t>(size_), stub::kMessageTypeInit, 0, 0, 0};
  __builtin_memcpy(memory_.data, &header, sizeof header);
  return {reinterpret_cast<const char*>(memory_.data), size_};
}

}  // namespace parent
