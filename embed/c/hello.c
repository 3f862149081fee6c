/* hello: an ordinary C program that prints what it sees, run by hand or as a container's init.
 * Its source does not mention the stub, except that in constructor mode one line calls it:
 *
 *   cc hello.c libnsexec.a -Wl,-e,nsexec_start -o hello
 *   cc -DCONSTRUCTOR hello.c libnsexec.a -o hello */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef CONSTRUCTOR
extern void nsexec(void);
__attribute__((constructor)) static void first(void) { nsexec(); }
#endif

static int sum;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t arrived;

static void* add_one(void* unused) {
  pthread_mutex_lock(&lock);
  ++sum;
  pthread_mutex_unlock(&lock);
  return unused;
}

static void arrive(int signal) { arrived = signal; }

static void print_namespace(const char* name) {
  char path[64];
  char target[64];
  snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  const ssize_t size = readlink(path, target, sizeof target - 1);
  target[size > 0 ? size : 0] = '\0';
  printf("ns_%s: %s\n", name, target);
}

int main(int argc, char** argv) {
  const char* hello = getenv("HELLO");
  printf("entered: true\n");
  printf("pid: %d\nuid: %d\n", (int)getpid(), (int)getuid());
  printf("args: %d %s\n", argc, argv[argc - 1]);
  printf("variable: %s\n", hello == NULL ? "" : hello);
  print_namespace("mnt");
  print_namespace("uts");
  print_namespace("user");

  for (int i = 0; i < 1000 / 50; ++i) {
    pthread_t threads[50];
    for (int k = 0; k < 50; ++k) {
      if (pthread_create(&threads[k], NULL, add_one, NULL) != 0) return 1;
    }
    for (int k = 0; k < 50; ++k) pthread_join(threads[k], NULL);
  }
  printf("threads: %d\n", sum);

  signal(SIGUSR1, arrive);
  raise(SIGUSR1);
  printf("signals: %s\n", arrived == SIGUSR1 ? "true" : "false");

  struct timespec before;
  struct timespec after;
  const struct timespec millisecond = {0, 1000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&millisecond, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  const long long passed =
      (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
  printf("clock: %s\n", passed >= 1000000 ? "true" : "false");
  fflush(stdout);
  if (hello != NULL && strcmp(hello, "crash") == 0) abort();
  return 0;
}
