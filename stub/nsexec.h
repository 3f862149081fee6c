/* The public face of nsexec-stub: the entry point, and what an embedder decides at link time.
 *
 *   cc -static hello.c libnsexec.a -Wl,-e,nsexec_start -o hello
 *
 * Valid in C and in C++. */
#ifndef NSEXEC_H
#define NSEXEC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which generation of parents the program serves (docs/protocol.md has the table). */
enum nsexec_dialect {
  NSEXEC_DIALECT_RUNC_1_2 = 0, /* runc 1.2 and later; the default */
  NSEXEC_DIALECT_RUNC_1_1 = 1, /* runc 1.1.x */
  NSEXEC_DIALECT_RUNC_1_0 = 2, /* runc 1.0.0-rc94 to 1.0.x */
  NSEXEC_DIALECT_RUNC_2019 = 3 /* before */
};

/* An embedder's choices. The library has a weak default; a program that wants something else
 * defines a constant of this name:
 *
 *   const struct nsexec_config nsexec_config = {
 *       .dialect = NSEXEC_DIALECT_RUNC_1_1,
 *       .process_names = {"runc:[0:PARENT]", "runc:[1:CHILD]", "runc:[2:INIT]"}};
 *
 * It holds no pointer, so that it needs no relocation. */
struct nsexec_config {
  uint32_t dialect;          /* enum nsexec_dialect */
  char process_names[3][16]; /* of stages 0, 1 and 2: PR_SET_NAME; "" leaves the name alone */
};

extern const struct nsexec_config nsexec_config;

/* The ELF entry point to give to the linker: -Wl,-e,nsexec_start. It is not a C function. */
void nsexec_start(void);

/* Where nsexec_start goes on to. By default it is _start; -Wl,--defsym=nsexec_real_entry=SYMBOL or
 * a definition of this name says otherwise. */
void nsexec_real_entry(void);

#ifdef __cplusplus
}
#endif

#endif
