// Memory mappings: mmap(2).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace sys {

/// Owns anonymous memory and unmaps it at the end of its scope.
class [[nodiscard]] Mapping {
 public:
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { reset(); }

  /// Maps `size` zero bytes, readable and writable. Call it once. Errors: ENOMEM, EINVAL (size 0).
  /// The size may exceed the machine's memory, if only a part of it is written (MAP_NORESERVE).
  Result<void> map_private(size_t size) {
    return map(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
  }
  /// The same, shared with processes that are forked later.
  Result<void> map_shared(size_t size) { return map(size, MAP_SHARED | MAP_ANONYMOUS); }

  [[nodiscard]] unsigned char* data() const { return bytes_.data; }
  [[nodiscard]] size_t size() const { return bytes_.size; }
  [[nodiscard]] Span<unsigned char> bytes() const { return bytes_; }
  /// Releases ownership without unmapping.
  [[nodiscard]] unsigned char* release() {
    unsigned char* const start = bytes_.data;
    bytes_ = {};
    return start;
  }
  void reset() {
    if (bytes_.size != 0) (void)call<void>(__NR_munmap, bytes_.data, bytes_.size);
    bytes_ = {};
  }

 private:
  Result<void> map(size_t size, int flags) {
    const auto start = Result<size_t>::of(arch::mmap(size, PROT_READ | PROT_WRITE, flags));
    if (!start) return start.error();
    bytes_ = {reinterpret_cast<unsigned char*>(start.value()), size};
    return {};
  }

  Span<unsigned char> bytes_;
};

}  // namespace sys
