/* The parent's library of nsexec-stub. A container runtime uses it to start a program that has the
 * stub in front, to tell the stub what to do, and to read its answers.
 *
 *   struct nsexec_message message = {.clone_flags = CLONE_NEWPID | CLONE_NEWNS};
 *   struct nsexec_program program = {.path = "/proc/self/exe"};
 *   struct nsexec_container container;
 *   int status;
 *   if (nsexec_parent_start(&container, &program, &message) < 0 ||
 *       nsexec_parent_set_up(&container) < 0) {
 *     fprintf(stderr, "%s\n", container.failure);
 *     nsexec_parent_kill(&container);
 *   } else {
 *     nsexec_parent_wait(&container, &status);
 *   }
 *   nsexec_parent_close(&container);
 *
 * Link with libnsexec-parent.a (pkg-config nsexec-parent). The library has no global state, so
 * threads may work on different containers at the same time. It calls only the kernel, so it works
 * with any libc and without one. It keeps no memory after a call.
 *
 * Functions that return int return 0, or a negated errno(3) number such as -ENOENT.
 * docs/protocol.md describes the protocol. Valid in C99 and later and in C++. */
#ifndef NSEXEC_PARENT_H
#define NSEXEC_PARENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The bootstrap message: what the stub must do ---- */

/* One line of an id map. It maps `count` ids, from `inside` on in the new user namespace, to the
 * ids from `outside` on in the parent's user namespace. user_namespaces(7). */
struct nsexec_id_range {
  uint32_t inside;
  uint32_t outside;
  uint32_t count; /* at least 1 */
};

/* One namespace to join. namespaces(7). */
struct nsexec_join {
  const char* type; /* "cgroup", "ipc", "mnt", "net", "pid", "time", "user" or "uts" */
  const char* path; /* a file such as /proc/123/ns/net; must not contain a comma */
};

/* One clock of a new time namespace. time_namespaces(7), Linux 5.6. */
struct nsexec_time_offset {
  const char* clock;    /* "monotonic" or "boottime" */
  int64_t seconds;      /* may be negative */
  uint32_t nanoseconds; /* 0 to 999999999 */
};

/* One mount source that the stub opens for the program (only in dialect runc-1.1). */
struct nsexec_mount_source {
  const char* path; /* "" or NULL: this mount has no source to open */
  int fd;           /* the fd by which the program gets it; ignored without a path */
};

/* If all fields are zero, nothing is created and nothing is joined. */
struct nsexec_message {
  uint32_t clone_flags; /* CLONE_NEW* of the namespaces to create, clone(2) */
  int32_t setgroups;    /* not 0: the program starts without supplementary groups */
  int32_t rootless;     /* not 0: the caller has no privileges; without `setgroups`, setgroups(2) is
                           then denied in the new user namespace, as the kernel demands */
  int32_t set_oom_score_adj;       /* not 0: use oom_score_adj */
  int32_t oom_score_adj;           /* -1000 to 1000, proc_pid_oom_score_adj(5) */
  const struct nsexec_join* joins; /* in any order: the stub finds one that the kernel permits */
  size_t join_count;               /* at most 32 */
  const struct nsexec_id_range* uid_map; /* with CLONE_NEWUSER */
  size_t uid_map_count;
  const struct nsexec_id_range* gid_map;
  size_t gid_map_count;
  const char* uid_map_tool; /* path of newuidmap(1), used if the kernel refuses the map; or NULL */
  const char* gid_map_tool; /* path of newgidmap(1), or NULL */
  const struct nsexec_time_offset* time_offsets; /* with CLONE_NEWTIME */
  size_t time_offset_count;
  const struct nsexec_mount_source* mount_sources; /* not together with time offsets */
  size_t mount_source_count;
};

/* Encodes the message for the init pipe, into `buffer` of `size` bytes, which may be NULL if `size`
 * is 0. Returns the length of the message. If that is more than `size`, the content of the buffer
 * cannot be used. Errors: -EINVAL, the stub would refuse the value of a field; -E2BIG, a list is
 * too long for one attribute (65531 bytes as text). */
long nsexec_parent_encode(const struct nsexec_message* message, void* buffer, size_t size);

/* ---- The program to start ---- */

/* How serious a log record is. */
enum nsexec_level {
  NSEXEC_LEVEL_PANIC = 0,
  NSEXEC_LEVEL_FATAL = 1,
  NSEXEC_LEVEL_ERROR = 2,
  NSEXEC_LEVEL_WARNING = 3,
  NSEXEC_LEVEL_INFO = 4,
  NSEXEC_LEVEL_DEBUG = 5,
  NSEXEC_LEVEL_TRACE = 6
};

/* One log record of the stub, or of the program. */
struct nsexec_record {
  int level; /* enum nsexec_level; -1: the line is not a record, and `text` is the whole line */
  const char* text; /* UTF-8, NUL-terminated; valid until the callback returns */
  size_t size;      /* without the NUL */
};

struct nsexec_program {
  const char* path;        /* the file to execute; PATH is not searched */
  const char* const* argv; /* NULL-terminated; if NULL itself: {path, "init", NULL} */
  /* NULL-terminated; if NULL itself: empty. The library puts the stub's variables in front
   * (_LIBCONTAINER_INITPIPE, _LOGPIPE, _LOGLEVEL, _MOUNT_FDS), and omits variables with these names
   * from this list. It also omits _LIBCONTAINER_CLONED_BINARY, which a runtime in a container has
   * inherited, and sets it with `sealed_fd`. */
  const char* const* environment;
  int dialect;   /* as in the program's nsexec_config: enum nsexec_dialect of nsexec.h; 0 is
                    runc-1.2 */
  int log_level; /* records up to this level are sent; fatal ones always are */
  /* Called for each record by the function of this library that reads it. May be NULL. */
  void (*on_record)(void* context, const struct nsexec_record* record);
  /* Called in the new process right before it executes the program, after its signal handlers have
   * been reset. May be NULL. As after vfork(2), it runs in the caller's memory while the calling
   * thread waits. It may make system calls (dup2, write, setpriority, ...), but must not change
   * memory that the caller uses. Returns 0 to go on, or a negated errno, which
   * nsexec_parent_start() then returns. */
  int (*before_exec)(void* context);
  void* context;        /* passed to both functions */
  const int* keep_open; /* descriptors that the program inherits although they are close-on-exec */
  size_t keep_open_count;
  int unchecked; /* not 0: do not call nsexec_parent_check() */
  int sealed_fd; /* what nsexec_parent_seal() has returned: executed in place of `path`, which is
                    then only a name for messages and argv. Needs /proc, also in the root directory
                    that before_exec may choose. 0: none, and the stub seals the file at `path` */
};

/* Returns 0 if the stub runs when this file is executed, and -ENOEXEC if the file has no stub. A
 * program that was linked without the stub would run on the host, with all privileges of the
 * caller. Searches the ELF file for the mark behind the code of the stub's entry point, and for the
 * note of its constructor (docs/protocol.md, "Marks"). Other errors: those of open(2) and pread(2).
 * Detects a mistake in the link. Does not protect against a process that replaces the file after
 * the check. */
int nsexec_parent_check(const char* path);

/* Seals a program once, so that the stub need not do it at each start (docs/sealing.md, "Sealing
 * once, in the parent"). Returns a descriptor for `sealed_fd` of struct nsexec_program: of a
 * read-only mount of the file that is in no mount namespace, so that nobody can write to it through
 * this descriptor or through /proc/PID/exe of a process that runs it. The descriptor is O_PATH,
 * close-on-exec and above 2. The caller closes it after the last start; containers that run keep
 * what they need. Other threads may fork meanwhile.
 *
 * It shows the file of now: if the program is replaced by another file, seal that one. In the list
 * of the program's nsexec_config a seal like this counts as done, whatever the list says.
 *
 * Errors: those of open_tree(2) and mount_setattr(2), among them -EPERM: no CAP_SYS_ADMIN; -ENOSYS:
 * before Linux 5.12; -EINVAL: the file is on a mount of another namespace, or of none, because it
 * is sealed already (/proc/self/exe of a runtime that the stub has sealed). Then start the program
 * without `sealed_fd`. -EBUSY: other threads have forked each time that it was tried. */
int nsexec_parent_seal(const char* path);

/* ---- A container ---- */

/* A structure of zeros is no container. Nor is it one after nsexec_parent_start() has failed. The
 * functions that return int then return -EBADF, -ECHILD or -ESRCH, and the others do nothing. None
 * of its descriptors is 0, 1 or 2, even if the caller has closed these. */
struct nsexec_container {
  int stage0; /* pids in the caller's pid namespace; 0: not known yet, or reaped */
  int stage1;
  int init;      /* the container's first process, in which the program runs */
  int pidfd;     /* of init, close-on-exec; set by nsexec_parent_read_pids(); -1 before Linux 5.3 */
  int init_pipe; /* a stream socket; the program may read and write its other end */
  int log_pipe;  /* non-blocking; -1 after its end has been read */
  char failure[1024]; /* after an error: what failed, in words; the stub's fatal record if there
                         is one */
  /* Private to the library. */
  void (*on_record_)(void* context, const struct nsexec_record* record);
  void* context_;
  int awaits_byte_;
  uint32_t line_size_;
  char line_[4097];
};

/* Starts the program and sends the message to it. Returns when the program has been executed; the
 * stub is then still working. Stage 0 leads a process group of its own, so that Ctrl-C at a
 * terminal reaches only the caller. The caller must not ignore SIGCHLD or set SA_NOCLDWAIT
 * (sigaction(2)): the kernel would then reap the stages. Errors: those of nsexec_parent_check(),
 * nsexec_parent_encode(), socketpair(2), pipe2(2), clone(2) and execve(2), and that of before_exec.
 * After an error no process is left, and all fields but `failure` are as after
 * nsexec_parent_close(). */
int nsexec_parent_start(struct nsexec_container* container, const struct nsexec_program* program,
                        const struct nsexec_message* message);

/* Waits for the pids of stage 1 and of init, and opens the pidfd. nsexec_parent_set_up() calls this
 * function if the caller has not. In the dialects runc-1.0 and runc-2019, if a cgroup namespace is
 * to be created, init then waits for nsexec_parent_set_up(), so that the caller can first put it
 * into a control group. -EPROTO: the stub failed, or it sent something other than pids; stage 0 has
 * been reaped. -EBADF: there is no container. */
int nsexec_parent_read_pids(struct nsexec_container* container);

/* Waits until the container is set up, and reaps stage 1 and stage 0. Init then runs the program.
 * A second call returns 0 at once. -EPROTO: the stub failed; call nsexec_parent_kill() to reap the
 * remaining processes. */
int nsexec_parent_set_up(struct nsexec_container* container);

/* Reads the records that are there, without waiting, and calls on_record. Only needed for records
 * that the program writes after the container is set up: use poll(2) on `log_pipe` for them.
 * Returns 1 while more may come, and 0 at the end. */
int nsexec_parent_read_records(struct nsexec_container* container);

/* Waits until init ends, and reaps it. Reads records in the meantime (Linux 5.3). `status` is that
 * of waitpid(2) and may be NULL. -ECHILD: init has already been reaped. */
int nsexec_parent_wait(struct nsexec_container* container, int* status);

/* Sends a signal to init, if possible by pidfd_send_signal(2). -ESRCH: init has been reaped. */
int nsexec_parent_signal(struct nsexec_container* container, int signal);

/* Kills stage 0, stage 1 and init by SIGKILL and reaps them, except those that have already been
 * reaped. Works whatever the functions above have returned. If the container has a new pid
 * namespace, all its other processes end with init. */
void nsexec_parent_kill(struct nsexec_container* container);

/* Closes all descriptors, and does nothing to processes. Call it after each successful start. A
 * second call does nothing. Processes that still run can be waited for, signalled and killed as
 * before. */
void nsexec_parent_close(struct nsexec_container* container);

#ifdef __cplusplus
}
#endif

#endif
