// The configuration of an embedder that chooses another dialect.
#include "stub/nsexec.h"

extern "C" {
extern const struct nsexec_config nsexec_config = {
    .dialect = NSEXEC_DIALECT_RUNC_1_0,
    .process_names = {"runc:[0:PARENT]", "runc:[1:CHILD]", "runc:[2:INIT]"},
    .sealing = {},
};
}
