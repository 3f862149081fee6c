// Constructor mode: the job as `void nsexec(void)`, for programs that must keep their entry point
// and call this from .preinit_array or a constructor, while they have one thread.
#include "stub/initial_stack.h"
#include "stub/nsexec.h"
#include "syscalls/file.h"

namespace {

// Finds argc: field 28 of proc_pid_stat(5), startstack, is the stack pointer at exec. The second
// field, in parentheses, may contain parentheses and spaces. Returns null if there is no /proc.
const unsigned long* initial_stack() {
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
  const sys::Number address = sys::take_decimal(cursor, __INT64_MAX__);
  return reinterpret_cast<const unsigned long*>(address.value);
}

// Parents look for this text in an executable to find out whether it has the stub (package parent
// of embed/go). The register makes the linker keep it.
[[maybe_unused]] void keep_mark() {
  static constexpr char kMark[] = "nsexec stub init";
  asm volatile("" : : "r"(kMark));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void nsexec(void) {
  keep_mark();
  const unsigned long* stack = initial_stack();
  if (stack != nullptr) nsexec_blob(stack, &nsexec_config);
}
