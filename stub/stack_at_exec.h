// Where arguments and environment are, for code that runs later than the entry point.
#pragma once

#include "syscalls/file.h"

namespace stub {

// Finds argc: field 28 of proc_pid_stat(5), startstack, is the stack pointer at exec. The second
// field, in parentheses, may contain parentheses and spaces. Returns null if there is no /proc.
inline const unsigned long* stack_at_exec() {
  const auto opened = sys::open("/proc/self/stat", O_RDONLY);
  if (!opened) return nullptr;
  const sys::Fd stat = opened.value();
  char text[1024];
  const auto size =
      sys::read(stat.get(), {reinterpret_cast<unsigned char*>(text), sizeof text - 1});
  if (!size) return nullptr;
  text[size.value()] = '\0';
  const char* cursor = text + size.value();
  while (cursor != text && *cursor != ')') --cursor;
  constexpr int kSecond = 2;
  constexpr int kStartStack = 28;
  for (int field = kSecond; field < kStartStack && *cursor != '\0'; ++cursor) {
    if (*cursor == ' ') ++field;
  }
  const sys::Number address = sys::take_decimal(cursor, __INT64_MAX__ / 10 - 9);
  return reinterpret_cast<const unsigned long*>(address.value);
}

}  // namespace stub
