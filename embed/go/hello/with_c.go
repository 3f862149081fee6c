//go:build with_c

package main

/*
#include <pthread.h>
#include <errno.h>

static void *answer(void *number) { *(int *)number = 42; return number; }
// Starts a thread of the C library. This needs what the C library has set up before the stub ran.
static int ask(void) {
	int number = 0;
	pthread_t thread;
	if ((errno = pthread_create(&thread, 0, answer, &number)) != 0) return -1;
	pthread_join(thread, 0);
	return number;
}
*/
import "C"

import "fmt"

func init() { withC = func() { fmt.Println("c:", C.ask()) } }
