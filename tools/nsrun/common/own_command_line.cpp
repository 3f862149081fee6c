#include "tools/nsrun/common/own_command_line.h"

#include "syscalls/memory.h"

namespace nsrun {

namespace {

// The kernel stores the strings one after the other, first the arguments and then the environment
// (execve(2)). It stores the two lists of pointers in the same order.
struct Strings {
  explicit Strings(const char* const* argv) : argv_(argv) {
    while (argv[count_] != nullptr) ++count_;
    const char* last = argv[0];
    if (count_ != 0) last = argv[count_ - 1];
    for (++count_; argv[count_] != nullptr; ++count_) last = argv[count_];
    if (argv[0] != nullptr) size_ = static_cast<size_t>(last - argv[0]) + sys::length(last) + 1;
  }
  [[nodiscard]] char* memory() const { return const_cast<char*>(argv_[0]); }
  [[nodiscard]] size_t size() const { return size_; }
  void move_by(ptrdiff_t distance) const {
    for (size_t i = 0; i < count_; ++i) {
      auto*& entry = const_cast<const char*&>(argv_[i]);
      if (entry != nullptr) entry += distance;
    }
  }

 private:
  const char* const* argv_;
  size_t count_ = 0;  // of pointers, including the NULL after argv
  size_t size_ = 0;
};

void erase(char* memory, size_t size, sys::Text name) {
  __builtin_memset(memory, 0, size);
  // Keeps a NUL after the name: without one, proc(5) would show the environment as well.
  if (name.size() < size) __builtin_memcpy(memory, name.data(), name.size());
}

}  // namespace

void erase_command_line(const char* const* argv, sys::Text name) {
  const Strings strings(argv);
  if (strings.size() != 0) erase(strings.memory(), strings.size(), name);
}

void hide_command_line(const char* const* argv) {
  const Strings strings(argv);
  sys::Mapping copy;
  if (strings.size() == 0 || !copy.map_private(strings.size())) return;
  char* const shown = strings.memory();
  __builtin_memcpy(copy.data(), shown, strings.size());
  const auto* moved = reinterpret_cast<char*>(copy.release());
  strings.move_by(moved - shown);
  erase(shown, strings.size(), "nsrun");
}

}  // namespace nsrun
