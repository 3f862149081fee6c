// Stores the coverage counters of a freestanding program in a file that all its processes map. So
// the counters survive however a process ends. LLVM's own runtime needs a libc. With
// -DATTACH_PROGRAM it starts before a program's main, otherwise before the stub.
#include "stub/nsexec.h"
#include "syscalls/file.h"
#include "syscalls/memory.h"
#include "syscalls/text.h"

extern "C" {
// clang requires the profile runtime to define this.
extern const int __llvm_profile_runtime;
const int __llvm_profile_runtime = 0;
// The linker defines these around the section with the counters.
[[gnu::visibility("hidden")]] extern char __start___llvm_prf_cnts[];
[[gnu::visibility("hidden")]] extern char __stop___llvm_prf_cnts[];
// And these around the section with one record per function.
[[gnu::visibility("hidden")]] extern char __start___llvm_prf_data[];
[[gnu::visibility("hidden")]] extern char __stop___llvm_prf_data[];
}

namespace {

// All programs with the same functions share one file, whose name has the size of their records.
// ld/coverage.ld puts the counters on pages of their own. Other linkers do not, and then this does
// nothing.
void attach() {
  constexpr size_t kPage = 4096;
  char* const start = __start___llvm_prf_cnts;
  const auto size = static_cast<size_t>(__stop___llvm_prf_cnts - start);
  if (((reinterpret_cast<unsigned long>(start) | size) & (kPage - 1)) != 0) return;
  sys::FixedString<512> path;
  path << COVERAGE_DIRECTORY "/counters." << (__stop___llvm_prf_data - __start___llvm_prf_data);
  const auto opened = sys::openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (!opened) return;
  const sys::Fd file = opened.value();
  (void)sys::fchmod(file.get(), 0666);
  if (!sys::ftruncate(file.get(), size)) return;
  constexpr int kShared = 1;     // MAP_SHARED
  constexpr int kFixed = 0x10;   // MAP_FIXED
  constexpr int kReadWrite = 3;  // PROT_READ | PROT_WRITE
  (void)sys::raw(__NR_mmap, start, size, kReadWrite, kShared | kFixed, file.get(), 0);
}

}  // namespace

#ifdef ATTACH_PROGRAM
extern "C" [[noreturn]] void covered_program_main(const unsigned long* initial_stack);
extern "C" [[noreturn]] void program_main(const unsigned long* initial_stack) {
  attach();
  covered_program_main(initial_stack);
}
#else
extern "C" void covered_nsexec_blob(const unsigned long* initial_stack,
                                    const struct nsexec_config* config);
extern "C" void nsexec_blob(const unsigned long* initial_stack,
                            const struct nsexec_config* config) {
  attach();
  covered_nsexec_blob(initial_stack, config);
}
#endif
