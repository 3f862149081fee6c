// Prints the stub's cost for a process that is not an init: nanoseconds per call, the median of
// many.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stub/nsexec.h"

static int compare(const void* a, const void* b) {
  const double left = *(const double*)a;
  const double right = *(const double*)b;
  return (left > right) - (left < right);
}

int main(int argc, char** argv) {
  enum { kRounds = 101, kCalls = 1000 };
  static double rounds[kRounds];
  // The kernel has put argc directly before argv.
  const unsigned long* initial_stack = (const unsigned long*)(void*)argv - 1;
  (void)argc;
  for (int i = 0; i < kRounds; ++i) {
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (int k = 0; k < kCalls; ++k) nsexec_blob(initial_stack, &nsexec_config);
    clock_gettime(CLOCK_MONOTONIC, &after);
    rounds[i] = ((after.tv_sec - before.tv_sec) * 1e9 + (after.tv_nsec - before.tv_nsec)) / kCalls;
  }
  qsort(rounds, kRounds, sizeof rounds[0], compare);
  printf("%.0f\n", rounds[kRounds / 2]);
  return 0;
}
