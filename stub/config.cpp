// The default configuration.
#include "stub/nsexec.h"

extern "C" {

__attribute__((used, weak,
               visibility("hidden"))) extern const struct nsexec_config nsexec_config = {
    .dialect = NSEXEC_DIALECT_RUNC_1_2,
    .process_names = {"runc:[0:PARENT]", "runc:[1:CHILD]", "runc:[2:INIT]"},
    .sealing = {},
};
}
