/* The parent's side of nsexec-stub: what a container runtime says to a program that has the stub in
 * front of it, and what it hears from it.
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
 * Link with libnsexec-parent.a (pkg-config nsexec-parent). The library has no global state and
 * calls nothing but the kernel: it works with any libc and with none, and different containers can
 * be handled by different threads. It allocates no memory that outlives a call.
 *
 * Functions that return int return 0, or a negated errno(3) number: -ENOENT. The protocol is
 * described in docs/protocol.md. Valid in C99 and later and in C++. */
#ifndef NSEXEC_PARENT_H
#define NSEXEC_PARENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the stub shall do: the bootstrap message ---- */

/* One line of an id map: `count` ids from `inside` on in the new user namespace are the ids from
 * `outside` on in the parent's. user_namespaces(7). */
struct nsexec_id_range {
  uint32_t inside;
  uint32_t outside;
  uint32_t count; /* at least 1 */
};

/* One namespace to join. namespaces(7). */
struct nsexec_join {
  const char* type; /* "cgroup", "ipc", "mnt", "net", "pid", "time", "user" or "uts" */
  const char* path; /* a file such as /proc/123/ns/net; a comma in it cannot be sent */
};

/* One clock of a new time namespace. time_namespaces(7), Linux 5.6. */
struct nsexec_time_offset {
  const char* clock;    /* "monotonic" or "boottime" */
  int64_t seconds;      /* may be negative */
  uint32_t nanoseconds; /* 0 to 999999999 */
};

/* One mount source that the stub opens for the program behind it (dialect runc-1.1 alone). */
struct nsexec_mount_source {
  const char* path; /* "" or NULL: this mount needs none */
  int fd;           /* the number at which the program finds it; not used where there is no path */
};

/* All zero: nothing is created, nothing is joined. */
struct nsexec_message {
  uint32_t clone_flags; /* CLONE_NEW* of the namespaces to create, clone(2) */
  int32_t setgroups;    /* not 0: the program starts without supplementary groups */
  int32_t rootless;     /* not 0: the caller has no privileges; without `setgroups`, setgroups(2) is
                           denied in the new user namespace, which the kernel then asks for */
  int32_t set_oom_score_adj;             /* not 0: the next one counts */
  int32_t oom_score_adj;                 /* -1000 to 1000, proc_pid_oom_score_adj(5) */
  const struct nsexec_join* joins;       /* joined in the order in which the kernel permits it */
  size_t join_count;                     /* at most 32 */
  const struct nsexec_id_range* uid_map; /* with CLONE_NEWUSER */
  size_t uid_map_count;
  const struct nsexec_id_range* gid_map;
  size_t gid_map_count;
  const char*
      uid_map_tool; /* path of newuidmap(1), used where the kernel refuses the map; or NULL */
  const char* gid_map_tool;                      /* path of newgidmap(1), or NULL */
  const struct nsexec_time_offset* time_offsets; /* with CLONE_NEWTIME */
  size_t time_offset_count;
  const struct nsexec_mount_source* mount_sources; /* not together with time offsets */
  size_t mount_source_count;
};

/* Writes the message as bytes for the init pipe into `buffer`, `size` bytes long, which may be NULL
 * if `size` is 0. Returns how many bytes the message has; if that is more than `size`, the buffer's
 * content is of no use. Errors: -EINVAL, a field holds what the stub would refuse; -E2BIG, a list
 * is longer than one attribute can be (65531 bytes as text). */
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

/* One log record of the stub, or of the program behind it. */
struct nsexec_record {
  int level;        /* enum nsexec_level; -1 for a line that is not a record, whose text it is */
  const char* text; /* UTF-8, NUL-terminated; valid until the callback returns */
  size_t size;      /* without the NUL */
};

struct nsexec_program {
  const char* path;        /* the file to execute; PATH is not searched */
  const char* const* argv; /* ends with NULL; NULL alone: {path, "init", NULL} */
  /* Ends with NULL; NULL alone: empty. The library puts the stub's variables in front
   * (_LIBCONTAINER_INITPIPE, _LOGPIPE, _LOGLEVEL, _MOUNT_FDS) and leaves the caller's of these
   * names out. */
  const char* const* environment;
  int dialect;   /* that of the program's nsexec_config: enum nsexec_dialect of nsexec.h; 0 is
                    runc-1.2 */
  int log_level; /* records up to this one are sent; fatal ones always are */
  /* Called with each record, by the function of this library that reads it. May be NULL. */
  void (*on_record)(void* context, const struct nsexec_record* record);
  /* Called in the new process just before it executes the program, after its signal handlers have
   * been reset. May be NULL. It runs in the caller's memory while the calling thread waits, as
   * after vfork(2): it may make system calls (dup2, write, setpriority, ...), and must not change
   * memory that the caller relies on. 0: go on; a negated errno: give up, and nsexec_parent_start()
   * returns it. */
  int (*before_exec)(void* context);
  void* context; /* for both functions */
  const int*
      keep_open; /* descriptors that the program inherits though they are close-on-exec here */
  size_t keep_open_count;
  int unchecked; /* not 0: do not look whether the file has the stub, see nsexec_parent_check() */
};

/* Whether the stub runs when this file is executed: 0, or -ENOEXEC for a file without it. A program
 * that was linked without the stub would run on the host, with all privileges of the caller, and
 * would not know that it was to be contained. Looks into the ELF file for the mark that stands
 * behind the code of the stub's entry point, and for the note of its constructor (docs/protocol.md,
 * "Marks"). Other errors: those of open(2) and pread(2). It protects from a mistake in the link,
 * not from whoever can replace the file after the check. */
int nsexec_parent_check(const char* path);

/* ---- A container ---- */

struct nsexec_container {
  int stage0; /* pids as the caller sees them; 0: not known yet, or reaped */
  int stage1;
  int init;  /* the container's first process, in which the program runs */
  int pidfd; /* of init, close-on-exec, from nsexec_parent_read_pids() on; -1: Linux before 5.3 */
  int init_pipe;      /* a stream socket: what the program behind the stub may read and write */
  int log_pipe;       /* non-blocking; -1 once its end has been read */
  char failure[1024]; /* after an error: what failed, in words; the stub's fatal record if there is
                         one */
  /* For the library alone. */
  void (*on_record_)(void* context, const struct nsexec_record* record);
  void* context_;
  int dialect_;
  uint32_t line_size_;
  char line_[4097];
};

/* Starts the program and sends it the message. Returns when the program has been executed; the stub
 * works on. Stage 0 leads a process group of its own, so that Ctrl-C at a terminal reaches the
 * caller alone. SIGCHLD must not be ignored (sigaction(2), SA_NOCLDWAIT), or the kernel would reap
 * the stages. Errors: those of nsexec_parent_check(), nsexec_parent_encode(), socketpair(2),
 * pipe2(2), clone(2) and execve(2), and what before_exec returns. After an error no process is
 * left, and everything but `failure` is as after nsexec_parent_close(). */
int nsexec_parent_start(struct nsexec_container* container, const struct nsexec_program* program,
                        const struct nsexec_message* message);

/* Waits for the pids of stage 1 and of init, and opens the pidfd. Init does not run the program yet
 * in the dialects runc-1.0 and runc-2019, where it waits for nsexec_parent_set_up() if a cgroup
 * namespace is to be created: time to put it into a control group. -EPROTO: the stub failed, or
 * something else than pids came; stage 0 has been reaped. nsexec_parent_set_up() calls this
 * function if need be. */
int nsexec_parent_read_pids(struct nsexec_container* container);

/* Waits until the container is set up, and reaps stage 1 and stage 0. From then on init runs the
 * program. -EPROTO: the stub failed; call nsexec_parent_kill() to reap what is left. */
int nsexec_parent_set_up(struct nsexec_container* container);

/* Reads the records that are there, without waiting, and calls on_record. Only needed for those
 * that the program behind the stub writes once the container is set up: poll(2) `log_pipe` for
 * them. Returns 1 while more may come, 0 at the end. */
int nsexec_parent_read_records(struct nsexec_container* container);

/* Waits for init, reads records meanwhile (Linux 5.3), and reaps it. `status` is as of waitpid(2)
 * and may be NULL. -ECHILD: it has been reaped already. */
int nsexec_parent_wait(struct nsexec_container* container, int* status);

/* Sends init a signal. -ESRCH: it has been reaped. pidfd_send_signal(2). */
int nsexec_parent_signal(struct nsexec_container* container, int signal);

/* Ends every process of the container that has not been reaped, by SIGKILL, and reaps it: all of
 * them, whatever the functions above have returned. In a pid
 * namespace of the container's own all its other processes die with init. */
void nsexec_parent_kill(struct nsexec_container* container);

/* Closes all descriptors, and touches no process. To be called once, after a start without error;
 * more often does no harm. */
void nsexec_parent_close(struct nsexec_container* container);

#ifdef __cplusplus
}
#endif

#endif
