// Lines of a file of containers: tools/nsrun/command_line/config.cpp.
#include "tools/nsrun/command_line/config.cpp"

#include "proofs/parsers/harness.h"

namespace {

constexpr size_t kSize = N;
const char* text_begin;

void complain(const char* path, unsigned number, const char* reason) {
  PROVE(path != nullptr && reason != nullptr && number >= 1 && number <= kSize + 1);
}

}  // namespace

// The words of a line of kSize characters.
extern "C" void config_words() {
  char* const line = proof::any_string(kSize);
  nsrun::LineReader reader(line);
  const char* after = line;  // no word begins before
  size_t words = 0;
  while (const char* const word = reader.next()) {
    PROVE(word >= after && word < line + kSize);
    const size_t size = sys::length(word);
    PROVE(word + size <= line + kSize);
    after = word + size + 1 <= line + kSize ? word + size + 1 : line + kSize;
    ++words;
  }
  PROVE(words <= (kSize + 1) / 2);
}

// take_line: any answer. The words lie in the text, and a null pointer follows them.
extern "C" const char* any_line(nsrun::Config* /*config*/, const char** words, size_t count) {
  PROVE(count >= 1 && words[count] == nullptr);
  for (size_t i = 0; i < count; ++i) PROVE(words[i] >= text_begin && words[i] < text_begin + kSize);
  return nondet_bool() ? nullptr : "wrong";
}
// Memory for words, exactly as large as the text asks for. No memory if kSize is 0.
const char* words[kSize + 2];
extern "C" long model_syscall(long number, long /*a*/, long b, long /*c*/, long /*d*/, long /*e*/,
                              long /*f*/) {
  if (number != __NR_mmap || kSize == 0) return -ENOMEM;
  PROVE(b == sizeof words);
  return reinterpret_cast<long>(words);
}

// A file of kSize bytes, which ends with a NUL in memory.
extern "C" void config_lines() {
  char* const text = proof::any_bytes(kSize + 1);
  text[kSize] = '\0';
  text_begin = text;
  nsrun::Config config;
  const size_t wrong = config.parse({text, kSize}, "path", complain);
  PROVE(wrong <= kSize + 1);
}
