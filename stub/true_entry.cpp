// The real entry point of nsexec-true, the smallest complete program behind the stub: it exits 0.
#include "syscalls/process.h"

extern "C" [[noreturn]] void nsexec_real_entry() { sys::exit(0); }
