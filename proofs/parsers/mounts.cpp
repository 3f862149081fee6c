// Paths of /proc/self/mountinfo: tools/nsrun/common/mount_table.cpp.
#include "tools/nsrun/common/mount_table.cpp"

#include "proofs/parsers/harness.h"

namespace {
constexpr size_t kSize = N;
bool is_octal(char c) { return c >= '0' && c <= '7'; }
}  // namespace

// A path of kSize characters, with room for it: each backslash and three digits become one
// character.
extern "C" void mount_point() {
  const char* const escaped = proof::any_bytes(kSize);
  char* const memory = proof::any_bytes(kSize + 1);
  sys::StringBuilder path({memory, kSize + 1});
  nsrun::append_unescaped(path, {escaped, kSize});
  size_t size = 0;
  for (size_t i = 0; i < kSize; ++i, ++size) {
    if (escaped[i] != '\\' || i + 3 >= kSize) {
      PROVE(memory[size] == escaped[i]);
      continue;
    }
    if (is_octal(escaped[i + 1]) && is_octal(escaped[i + 2]) && is_octal(escaped[i + 3])) {
      const int c = (escaped[i + 1] & 7) << 6 | (escaped[i + 2] & 7) << 3 | (escaped[i + 3] & 7);
      PROVE(memory[size] == static_cast<char>(c));
    }
    i += 3;
  }
  PROVE(path.text().size() == size && memory[size] == '\0' && !path.truncated());
}
