// The default configuration.
#include "stub/nsexec.h"

// A program may define its own, except one that is built together with the stub for this dialect
// alone.
#ifdef NSEXEC_DEFAULT_DIALECT_ALONE
#define REPLACEABLE
#else
#define REPLACEABLE [[gnu::weak]]
#endif

extern "C" {

[[gnu::used,
  gnu::visibility("hidden")]] REPLACEABLE extern const struct nsexec_config nsexec_config = {
    .dialect = NSEXEC_DIALECT_RUNC_1_2,
    .process_names = {"runc:[0:PARENT]", "runc:[1:CHILD]", "runc:[2:INIT]"},
    .sealing = {},
};
}
