// Starts the stub in Go programs that the system's linker links (cgo, -race, -linkmode=external).
// There the C library owns the entry point, and Go's linker ignores -E. Compiled once for each
// dialect into nsenter/internal/DIALECT/constructor_linux_GOARCH.syso.
//
// Go's linker skips .preinit_array and .init_array. So from this file the programs that it links
// only get the variable and the function that reads it.

// Hidden, so that the compiler needs no table of addresses. Go's linker also reads this object's
// relocations, and does not know all kinds.
struct nsexec_config;
extern "C" [[gnu::visibility("hidden")]] void nsexec_blob(const unsigned long*,
                                                          const struct nsexec_config*);

#include <linux/auxvec.h>

#include "stub/constructor_note.h"
#include "stub/initial_stack.h"
#include "stub/nsexec.h"
#include "stub/stack_at_exec.h"

extern "C" {

/// Whether the stub has run from here: 0: no, 1: yes, 2: yes, and the program has more privilege
/// than its caller. arch/ARCH/go_constructed.S reads it.
[[gnu::used]] unsigned char nsexec_constructed = 0;

const struct nsexec_config nsexec_config = {
    .dialect = NSEXEC_DIALECT,
    .process_names = {"runc:[0:PARENT]", "runc:[1:CHILD]", "runc:[2:INIT]"},
    .sealing = {},
};

}  // extern "C"

namespace {

void run(const unsigned long* stack) {
  nsexec_constructed = stub::InitialStack(stack).auxiliary_value(AT_SECURE) != 0 ? 2 : 1;
  // Called by its address. On ppc64le the blob finds its own address in r12, which holds it only if
  // the call is made through a pointer.
  void (*volatile blob)(const unsigned long*, const struct nsexec_config*) = nsexec_blob;
  blob(stack, &nsexec_config);
}

// glibc calls this before the constructors of all libraries, and passes main's arguments. argc is
// in the word before argv.
void before_libraries(int /*argc*/, char** argv) {
  run(reinterpret_cast<const unsigned long*>(argv) - 1);
}

// musl has no .preinit_array, and passes nothing to constructors.
void before_main() {
  if (nsexec_constructed != 0) return;
  const unsigned long* stack = stub::stack_at_exec();
  if (stack != nullptr) run(stack);
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const first)(int, char**) = before_libraries;
[[gnu::used, gnu::section(".init_array")]] void (*const second)() = before_main;

}  // namespace
