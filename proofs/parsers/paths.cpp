// The paths below /proc that the stub builds: stub/procfs.h. N is the number of characters of the
// number in it.
#define CONTRACT_DIGITS N
#include "stub/procfs.h"

#include "proofs/parsers/contracts.h"

namespace {

// The text is START, N characters of a number, END.
template <size_t StartSize, size_t EndSize>
void check(const sys::ShortString& path, const char (&start)[StartSize],
           const char (&end)[EndSize]) {
  constexpr size_t kStart = StartSize - 1;
  constexpr size_t kEnd = EndSize - 1;
  const char* const text = path.c_str();
  PROVE(!path.truncated() && path.text().size() == kStart + N + kEnd);
  for (size_t i = 0; i < kStart; ++i) PROVE(text[i] == start[i]);
  for (size_t i = 0; i < N; ++i)
    PROVE(proof::is_digit(text[kStart + i]) || (i == 0 && text[kStart] == '-'));
  for (size_t i = 0; i < kEnd; ++i) PROVE(text[kStart + N + i] == end[i]);
  PROVE(text[kStart + N + kEnd] == '\0');
}

}  // namespace

// The longest name of a file that the stub and nsrun use.
extern "C" void process_file() {
  const stub::ProcessFile file(nondet_int(), "ns/pid_for_children");
  check(file, "/proc/", "/ns/pid_for_children");
  PROVE(file.below_proc() == file.c_str() + 6);
}
extern "C" void fd_path() {
  const stub::FdPath path(nondet_int());
  check(path, "/proc/self/fd/", "");
}
