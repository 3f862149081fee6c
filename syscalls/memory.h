// Memory mappings: mmap(2).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace sys {

/// Anonymous memory that is unmapped with its scope.
class [[nodiscard]] Mapping {
 public:
  constexpr Mapping() = default;
  constexpr Mapping(Mapping&& other) noexcept : data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
    other.size_ = 0;
  }
  Mapping& operator=(Mapping&& other) noexcept {
    reset();
    data_ = other.data_;
    size_ = other.size_;
    other.data_ = nullptr;
    other.size_ = 0;
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { reset(); }

  /// `size` zero bytes, readable and writable. Errors: ENOMEM, EINVAL (size 0).
  static Result<Mapping> create_private(size_t size) {
    return create(size, MAP_PRIVATE | MAP_ANONYMOUS);
  }
  /// The same, kept in common with the processes that are forked from here on.
  static Result<Mapping> create_shared(size_t size) {
    return create(size, MAP_SHARED | MAP_ANONYMOUS);
  }

  [[nodiscard]] unsigned char* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] Span<unsigned char> bytes() const { return {data_, size_}; }
  void reset() {
    if (size_ != 0) (void)call<void>(__NR_munmap, data_, size_);
    data_ = nullptr;
    size_ = 0;
  }

 private:
  static Result<Mapping> create(size_t size, int flags);

  unsigned char* data_ = nullptr;
  size_t size_ = 0;
};

inline Result<Mapping> Mapping::create(size_t size, int flags) {
  const Result<unsigned long> start =
      call<unsigned long>(__NR_mmap, nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (!start) return start.error();
  Mapping mapping;
  mapping.data_ = reinterpret_cast<unsigned char*>(start.value());
  mapping.size_ = size;
  return mapping;
}

}  // namespace sys
