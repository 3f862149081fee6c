/* A minimal container runtime: runs a program in new namespaces. The program must have nsexec-stub
 * in front.
 *
 *   cc main.c $(pkg-config --cflags --libs nsexec-parent) -o minimal-runtime
 *   ./minimal-runtime PROGRAM [ARGUMENT]...
 *
 * If root runs it, the program is root in the container. If another user runs it, that user's id is
 * mapped to root. The kernel permits a map of one's own id without help. */
#define _GNU_SOURCE
#include <nsexec_parent.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static void print_record(void* context, const struct nsexec_record* record) {
  (void)context;
  fprintf(stderr, "minimal-runtime: %s\n", record->text);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s PROGRAM [ARGUMENT]...\n", argv[0]);
    return 2;
  }
  const struct nsexec_id_range uids = {0, getuid(), 1};
  const struct nsexec_id_range gids = {0, getgid(), 1};
  struct nsexec_message message = {.clone_flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS |
                                                  CLONE_NEWIPC | CLONE_NEWNET};
  if (getuid() != 0) {
    message.clone_flags |= CLONE_NEWUSER;
    message.rootless = 1;
    message.uid_map = &uids;
    message.uid_map_count = 1;
    message.gid_map = &gids;
    message.gid_map_count = 1;
  }
  const struct nsexec_program program = {.path = argv[1],
                                         .argv = (const char* const*)argv + 1,
                                         .environment = (const char* const*)environ,
                                         .log_level = NSEXEC_LEVEL_WARNING,
                                         .on_record = print_record};
  struct nsexec_container container;
  int status = 0;
  int error = nsexec_parent_start(&container, &program, &message);
  if (error == 0) error = nsexec_parent_set_up(&container);
  if (error == 0) {
    fprintf(stderr, "minimal-runtime: the container's init is process %d\n", container.init);
    error = nsexec_parent_wait(&container, &status);
  } else {
    fprintf(stderr, "minimal-runtime: %s (%s)\n", container.failure, strerror(-error));
    nsexec_parent_kill(&container);
  }
  nsexec_parent_close(&container);
  if (error != 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
