// Writes the state at the real entry point to stdout: the stack pointer, the number of registers,
// the registers that dump_entry.S has saved, and the initial stack up to its end.
#include <linux/auxvec.h>

#include "stub/initial_stack.h"
#include "syscalls/file.h"
#include "syscalls/process.h"

extern "C" [[noreturn]] void dump_main(const unsigned long* registers, const unsigned long* stack,
                                       unsigned long count) {
  const stub::InitialStack view(stack);
  // Only a word of zero bytes follows the file's name on the stack (fs/exec.c, binfmt_elf).
  const auto* name = reinterpret_cast<const char*>(view.auxiliary_value(AT_EXECFN));
  const char* end = name + sys::length(name) + 1 + sizeof(long);
  const auto write = [](const void* from, const void* to) {
    const auto* start = static_cast<const char*>(from);
    const auto size = static_cast<size_t>(static_cast<const char*>(to) - start);
    if (!sys::write_fully(1, {start, size})) sys::exit(1);
  };
  write(&stack, &stack + 1);
  write(&count, &count + 1);
  write(registers, registers + count);
  write(stack, end);
  sys::exit(0);
}
