#include "tools/nsrun/host/arguments.h"

#include "stub/seal/strategies.h"
#include "syscalls/memory.h"
#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/command_line/values.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

constexpr char kOption[] = "--args";
constexpr size_t kMostBytes = size_t{1} << 20;
constexpr size_t kMostArguments = 9000;  // the same limit as bwrap(1)

// The new command line.
class Words {
 public:
  Words() { check(memory_.map_private((kMostArguments + 1) * sizeof(char*)), "mmap", kOption); }
  void add(const char* word) {
    if (count_ == kMostArguments) fail(kOption, nullptr, "more than 9000 words");
    entries()[count_++] = word;
  }
  [[nodiscard]] const char** entries() { return reinterpret_cast<const char**>(memory_.data()); }

 private:
  sys::Mapping memory_;
  size_t count_ = 0;
};

// Adds the words that can be read from the descriptor. Each ends with a NUL, which the last one may
// lack.
void add_from(int fd, const char* name, sys::Mapping& memory, Words& words) {
  check(memory.map_private(kMostBytes + 1), "mmap", kOption);
  const size_t size = check(sys::read_fully(fd, memory.bytes().first(kMostBytes)), kOption, name);
  if (size == kMostBytes) fail(kOption, name, "more than a mebibyte");
  (void)sys::close(fd);
  const auto* const text = reinterpret_cast<const char*>(memory.data());
  for (size_t at = 0; at < size; at += sys::length(text + at) + 1) words.add(text + at);
}

}  // namespace

void expand_arguments(const stub::InitialStack& stack) {
  const char* const* start = stack.argv();
  OptionReader reader(start);
  while (reader.next() && reader.option().id != OptionId::kArgs) start = reader.rest();
  if (reader.wrong() != nullptr || reader.option().id != OptionId::kArgs) return;
  if (start == stack.argv()) ++start;  // the first option comes after the program's name
  const char* const name = reader.option().value;
  if (!sys::parse_decimal(name, __INT_MAX__).valid) return;  // the parser reports the error
  Words words;
  sys::Mapping memory;
  for (const char* const* word = stack.argv(); word != start; ++word) words.add(*word);
  add_from(parse_descriptor(name), name, memory, words);
  for (const char* const* word = reader.rest(); *word != nullptr; ++word) words.add(*word);
  fail("execve", stub::seal::kSelf,
       sys::execve(stub::seal::kSelf, words.entries(), stack.environment()));
}

}  // namespace nsrun
