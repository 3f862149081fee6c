/* An ordinary C program that knows nothing of the stub. It checks what libc's start-up must have
 * set up. With the argument "abort" it calls abort(3). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int constructed;
static volatile sig_atomic_t raised;

__attribute__((constructor)) static void construct(void) { constructed = 1; }
static void at_exit(void) { puts("at exit"); }
static void handler(int signal) { raised = signal; }
static void* thread(void* argument) { return argument; }

/* glibc reads the processor's number from the memory where the kernel writes it for restartable
 * sequences (rseq(2)). */
static int knows_its_processor(void) {
  cpu_set_t all;
  int known = 1;
  if (sched_getaffinity(0, sizeof all, &all) != 0) return 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    cpu_set_t one;
    if (!CPU_ISSET(cpu, &all)) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0 || sched_getcpu() != cpu) known = 0;
  }
  return sched_setaffinity(0, sizeof all, &all) == 0 && known;
}

int main(int argc, char** argv) {
  pthread_t id;
  void* result = NULL;
  printf("hello from %d, %d arguments, constructed %d\n", (int)getpid(), argc, constructed);
  if (argc > 1 && strcmp(argv[1], "abort") == 0) abort();
  atexit(at_exit);
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  printf("raised %d\n", raised == SIGUSR1);
  if (pthread_create(&id, NULL, thread, &constructed) != 0) return 2;
  if (!knows_its_processor()) return 5;
  if (pthread_join(id, &result) != 0 || result != &constructed) return 3;
  printf("home %s\n", getenv("HOME") != NULL ? getenv("HOME") : "(none)");
  return argc > 1 ? 4 : 0;
}
