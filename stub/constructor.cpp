// Constructor mode: the job as `void nsexec(void)`, for programs that must keep their entry point,
// and the guard for those that were linked without the stub's entry point by mistake.
#include <linux/elf.h>

#include "stub/constructor_note.h"
#include "stub/nsexec.h"
#include "stub/stack_at_exec.h"
#include "syscalls/process.h"

using ElfHeader = arch::OfWordSize<Elf32_Ehdr, Elf64_Ehdr>;
using ElfSegment = arch::OfWordSize<Elf32_Phdr, Elf64_Phdr>;

// Weak: null in a program without a libc, or without ELF headers in memory.
extern "C" [[gnu::weak]] const char* const* environ;
extern "C" [[gnu::weak, gnu::visibility("hidden")]] const ElfHeader __ehdr_start;

#pragma weak nsexec_start

namespace {

// Whether nsexec_start is this program's ELF entry point: by the header in memory, without a system
// call.
bool is_entry_point() {
  const auto start = reinterpret_cast<unsigned long>(&__ehdr_start);
  if (start == 0 || &nsexec_start == nullptr) return false;
  const auto* segment = reinterpret_cast<const ElfSegment*>(start + __ehdr_start.e_phoff);
  for (unsigned i = 0; i < __ehdr_start.e_phnum; ++i, ++segment) {
    // How far the program is from where the file says: known by where the header is.
    if (segment->p_type != PT_LOAD || segment->p_offset != 0) continue;
    return __ehdr_start.e_entry + start - segment->p_vaddr ==
           reinterpret_cast<unsigned long>(&nsexec_start);
  }
  return false;
}

// Without /proc there is only what libc knows of the environment.
bool seems_to_be_init() {
  if (&environ == nullptr || environ == nullptr) return false;
  constexpr sys::Text kInitPipe = "_LIBCONTAINER_INITPIPE=";
  for (const char* const* entry = environ; *entry != nullptr; ++entry) {
    const sys::Text line = sys::Text::of(*entry);
    if (line.starts_with(kInitPipe)) return line.size() > kInitPipe.size();
  }
  return false;
}

// Not in the stub itself, which has no writable data: a program that this is linked into has a
// libc, or nobody runs its constructors.
bool called;

}  // namespace

extern "C" __attribute__((visibility("default"))) void nsexec(void) {
  if (called || is_entry_point()) return;
  called = true;
  if (const unsigned long* stack = stub::stack_at_exec()) return nsexec_blob(stack, &nsexec_config);
  if (!seems_to_be_init()) return;
  (void)sys::write(2, "nsexec: this container's init cannot be set up without /proc\n");
  sys::exit(1);
}

// The guard. A low priority number runs early: before the program's own constructors can start
// threads.
[[gnu::constructor(101)]] static void run_unless_entered() { nsexec(); }
