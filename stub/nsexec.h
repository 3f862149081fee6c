/* The public interface of nsexec-stub: the entry points, and what an embedder decides at link time.
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

/* The generation of parents that the program serves (docs/protocol.md has the table). */
enum nsexec_dialect {
  NSEXEC_DIALECT_RUNC_1_2 = 0, /* runc 1.2 and later; the default */
  NSEXEC_DIALECT_RUNC_1_1 = 1, /* runc 1.1.x */
  NSEXEC_DIALECT_RUNC_1_0 = 2, /* runc 1.0.0-rc94 to 1.0.x */
  NSEXEC_DIALECT_RUNC_2019 = 3 /* older */
};

/* Ways to make the running binary unwritable (docs/sealing.md compares them). */
enum nsexec_seal {
  NSEXEC_SEAL_DETACHED_MOUNT = 1, /* Linux 5.12, CAP_SYS_ADMIN; no memory, no trace on the host */
  NSEXEC_SEAL_CHILD_MOUNT = 2,    /* the same for ordinary users, in a user namespace */
  NSEXEC_SEAL_OVERLAY = 3,        /* Linux 5.2, CAP_SYS_ADMIN, overlayfs */
  NSEXEC_SEAL_BIND_MOUNT = 4,     /* CAP_SYS_ADMIN; in a child with a mount namespace */
  NSEXEC_SEAL_REFLINK = 5,        /* btrfs, xfs, bcachefs; a writable directory */
  NSEXEC_SEAL_MEMFD = 6,          /* Linux 3.17; the binary's size in memory */
  NSEXEC_SEAL_TMPFILE = 7,        /* Linux 3.11; the binary's size on disk */
  NSEXEC_SEAL_UNLINKED_FILE = 8,  /* refused (EOPNOTSUPP): others could write to the copy */
  NSEXEC_SEAL_NONE = 9,           /* run unsealed; use it as the last entry of a list */
  NSEXEC_SEAL_VERITY = 10         /* no seal if the file has fs-verity: its content cannot change,
                                     but root in a container can change its mode and owner */
};

/* An embedder's choices. The library has a weak default. To change it, a program defines a
 * constant of this name:
 *
 *   const struct nsexec_config nsexec_config = {
 *       .dialect = NSEXEC_DIALECT_RUNC_1_1,
 *       .process_names = {"runc:[0:PARENT]", "runc:[1:CHILD]", "runc:[2:INIT]"}};
 *
 * It contains no pointer, so that it needs no relocation. */
struct nsexec_config {
  uint32_t dialect;          /* enum nsexec_dialect */
  char process_names[3][16]; /* of stages 0, 1 and 2 (PR_SET_NAME); "" keeps the name */
  uint8_t sealing[12];       /* enum nsexec_seal, in the order in which they are tried; 0 ends the
                                list, and an empty list means 1 to 7 */
};

/* Hidden, so that it is addressed without a GOT. */
extern const struct nsexec_config nsexec_config __attribute__((visibility("hidden")));

/* The ELF entry point to give to the linker: -Wl,-e,nsexec_start. It is not a C function. */
void nsexec_start(void);

/* The whole job as a function, for programs that can call it before any other of their code runs.
 * `initial_stack` is the stack pointer at the ELF entry point. Returns in the process that is to
 * run the program. If the process was not started as a container's init, it returns at once and
 * makes no system call. */
void nsexec_blob(const unsigned long* initial_stack, const struct nsexec_config* config);

/* The same for programs that must keep their entry point. Call it from .preinit_array or from a
 * constructor, while the process has one thread. It finds arguments and environment through
 * /proc/self/stat. If there is no /proc, it ends a process that was started as an init, and does
 * nothing in any other. It returns at once if the stub has already run, by the entry point or by an
 * earlier call.
 *
 * A constructor in libnsexec.a calls it in every program. So a program that was linked without
 * -Wl,-e,nsexec_start never runs outside of its container either. */
void nsexec(void);

/* nsexec_start jumps here. By default this is _start; -Wl,--defsym=nsexec_real_entry=SYMBOL or a
 * definition of this name changes it. */
void nsexec_real_entry(void);

#ifdef __cplusplus
}
#endif

/* A program that includes this header refers to the stub by four bytes, so that the link fails
 * where the library is missing. NSEXEC_DECLARATIONS_ONLY: for objects that only want the
 * declarations, and for programs that have an entry point of their own in which they call
 * nsexec_blob(). */
#if __STDC_HOSTED__ && !defined(NSEXEC_DECLARATIONS_ONLY)
__asm__(
    ".pushsection .rodata.nsexec, \"a\"\n"
    ".balign 4\n"
    ".long nsexec - .\n"
    ".popsection");
#endif

#endif
